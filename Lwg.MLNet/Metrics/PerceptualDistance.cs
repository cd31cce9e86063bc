using System.Numerics.Tensors;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Metrics;

/// <summary>
/// The perceptual distance of pictures: the squared distance of the features of <see cref="ResNetNetwork"/>, normalised to length 1 at
/// each position, averaged over positions and over three stages (as LPIPS, Zhang et al. 2018, with equal weights for all channels). 0 for
/// equal pictures, 2 for orthogonal features. Use an instance on one thread at a time.
/// </summary>
internal sealed class PerceptualDistance : IDisposable
{
    private static readonly int[] s_channels = [64, 128, 256];

    private readonly NetworkSession _session;
    private NetworkRun? _run;
    private int _size;
    private float[] _picture = [], _cells = [];
    private float[][] _outputs = [], _found = [], _wanted = [];

    /// <summary>Opens the network.</summary>
    /// <param name="path">A file that <see cref="ResNetWeights"/> reads.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged, or contains another network.</exception>
    public PerceptualDistance(string path)
        : this(ResNetWeights.Read(path), path)
    {
    }

    /// <summary>Opens the network.</summary>
    /// <param name="weights">The weights of the network.</param>
    /// <param name="source">The name of the weights in error messages.</param>
    /// <exception cref="ModelFileException">Weights are missing or have a different shape.</exception>
    public PerceptualDistance(INamedWeights weights, string source)
    {
        using var onnx = new MemoryStream();
        OnnxFile.Write(onnx, ResNetNetwork.Build(), weights);
        _session = NetworkSession.Open(onnx.ToArray(), source);
    }

    /// <summary>Compares two pictures.</summary>
    /// <param name="predicted">[3,S,S] in [-1,1].</param>
    /// <param name="actual">[3,S,S] in [-1,1].</param>
    /// <param name="size">S, a multiple of 16.</param>
    /// <param name="masks">Where to compare, [S,S] each: the weight of a feature's cell is the share that the mask covers; an empty one
    /// for the whole picture.</param>
    /// <param name="distances">Receives a distance for each mask; NaN if a mask is zero everywhere.</param>
    public void Compare(ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual, int size, ReadOnlySpan<float[]> masks,
        Span<double> distances)
    {
        if (size % ResNetNetwork.SizeMultiple != 0)
            throw new ArgumentException($"Pictures of {size} pixels cannot be compared; the size must be a multiple of "
                + $"{ResNetNetwork.SizeMultiple}.", nameof(size));
        Prepare(size);
        Features(actual, _wanted);
        Features(predicted, _found);
        for (int m = 0; m < masks.Length; m++)
        {
            double sum = 0;
            for (int stage = 0; stage < _found.Length; stage++)
                sum += Stage(stage, masks[m]);
            distances[m] = sum / _found.Length;
        }
    }

    /// <summary>Releases the network.</summary>
    public void Dispose()
    {
        _run?.Dispose();
        _session.Dispose();
    }

    private void Prepare(int size)
    {
        if (size == _size)
            return;
        _run?.Dispose();
        _size = size;
        _picture = new float[3 * size * size];
        float[][] features = [.. s_channels.Select((channels, stage) => new float[channels * Side(stage) * Side(stage)])];
        (_found, _wanted) = ([.. features.Select(f => new float[f.Length])], [.. features.Select(f => new float[f.Length])]);
        _cells = new float[Side(0) * Side(0)];
        _outputs = features;
        _run = _session.CreateRun([(ResNetNetwork.Image, _picture, [1, 3, size, size]),
            .. features.Select((f, stage) =>
            (ResNetNetwork.Features[stage], f, (long[])[1, s_channels[stage], Side(stage), Side(stage)]))]);
    }

    private int Side(int stage) => _size >> (2 + stage);

    private void Features(ReadOnlySpan<float> picture, float[][] features)
    {
        picture.CopyTo(_picture);
        _run!.Run();
        for (int stage = 0; stage < features.Length; stage++)
        {
            _outputs[stage].CopyTo(features[stage], 0);
            Normalise(features[stage], s_channels[stage]);
        }
    }

    // Normalises each position's features to length 1.
    private static void Normalise(float[] features, int channels)
    {
        const float Least = 1e-12f;
        int n = features.Length / channels;
        float[] lengths = new float[n];
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<float> plane = features.AsSpan(c * n, n);
            TensorPrimitives.MultiplyAdd(plane, plane, lengths, lengths);
        }
        for (int i = 0; i < n; i++)
            lengths[i] = MathF.Sqrt(lengths[i] + Least);
        for (int c = 0; c < channels; c++)
            TensorPrimitives.Divide(features.AsSpan(c * n, n), lengths, features.AsSpan(c * n, n));
    }

    private double Stage(int stage, float[] mask)
    {
        (float[] found, float[] wanted) = (_found[stage], _wanted[stage]);
        int side = Side(stage), n = side * side;
        Span<float> cells = _cells.AsSpan(0, n);
        Cover(mask, side, cells);
        double sum = 0, weight = 0;
        for (int i = 0; i < n; i++)
        {
            if (cells[i] == 0)
                continue;
            double distance = 0;
            for (int at = i; at < found.Length; at += n)
                distance += (found[at] - wanted[at]) * (double)(found[at] - wanted[at]);
            (sum, weight) = (sum + cells[i] * distance, weight + cells[i]);
        }
        return sum / weight;
    }

    // Computes the share of each cell that a mask covers.
    private void Cover(float[] mask, int side, Span<float> cells)
    {
        if (mask.Length == 0)
        {
            cells.Fill(1);
            return;
        }
        int cell = _size / side;
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                float sum = 0;
                for (int row = 0; row < cell; row++)
                    sum += TensorPrimitives.Sum(mask.AsSpan((y * cell + row) * _size + x * cell, cell));
                cells[y * side + x] = sum / (cell * cell);
            }
        }
    }
}
