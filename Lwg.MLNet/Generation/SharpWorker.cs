using System.Runtime.Intrinsics;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>Does a <see cref="SharpGenerator"/>'s work for one thread: S is the size of the pictures, N that of the network.</summary>
internal sealed class SharpWorker : ITransferWorker
{
    // Where the low frequencies begin, as a share of N: what is finer comes from the source, what is coarser from both in equal parts
    // (of 0, 1/2 and 1 the half has the highest SSIM and the lowest L1 on held-out people).
    private const float LowPassShare = 2f / 256;
    private const float WarpedLow = 0.5f;

    // Mean differences of low frequencies up to here are light; from there on the source shows something else.
    private const float Agree = 0.15f, Disagree = 0.45f;

    // The outermost pixels of a person are mixed with background.
    private const float PersonFrom = 0.8f;

    // Within the fitted body, what has so little of the person is background.
    private const float MissingBelow = 0.05f, MissingTo = 0.4f;

    // The network's background is the source's own picture where it differs no more than by rounding and resampling.
    private const float SameBackground = 0.03f, OtherBackground = 0.1f;

    private readonly SharpGenerator _generator;
    private readonly int _size, _plane, _small, _smallPlane;
    private readonly int[] _pick, _near;
    private readonly float[] _share;
    private readonly PlaneResizer _shrink, _enlarge;
    private readonly ITransferWorker _network;
    private readonly TransferResult _networkResult;
    private readonly InputAssembler _assembler;
    private readonly MaskedLowPass _lowPass;

    // The source.
    private readonly float[] _picture, _smallPicture, _person, _points, _backgroundInput, _foregroundInput, _plate;
    private readonly int[] _smallFaces;
    private TextureWarpSource? _source;
    private bool _hasPlate;

    // The target at N.
    private readonly float[] _smallWeights, _condition, _cropMask, _flow, _warped, _transferInput, _seen, _lowWarped, _lowColor;
    private readonly Vector128<float>[] _coarse;

    // The target at S, a row at a time.
    private readonly float[] _rowFlow, _rowSeen, _rowColors, _rowMatte;

    public SharpWorker(SharpGenerator generator, int size)
    {
        (_generator, _size, _plane, _small) = (generator, size, size * size, generator.NetworkSize(size));
        int n = _smallPlane = _small * _small;
        _network = generator.Network.CreateWorker(_small);
        _pick = [.. Enumerable.Range(0, _small).Select(i => (int)((i + 0.5) * size / _small))];
        double[] at = [.. Enumerable.Range(0, size).Select(i => Math.Clamp((i + 0.5) * _small / size - 0.5, 0, _small - 1))];
        (_near, _share) = ([.. at.Select(a => (int)a)], [.. at.Select(a => (float)(a - (int)a))]);
        (_shrink, _enlarge) = (new PlaneResizer(size, _small), new PlaneResizer(_small, size));
        _networkResult = new TransferResult(_small);
        _assembler = new InputAssembler(_small);
        _lowPass = new MaskedLowPass(_small, Math.Max(1, (int)(LowPassShare * _small)));
        (_picture, _smallPicture, _person, _points, _plate) = (new float[3 * _plane], new float[3 * n], new float[3 * n], new float[6 * generator.Body.FaceCount], new float[3 * _plane]);
        (_backgroundInput, _foregroundInput, _transferInput) = (new float[4 * n], new float[6 * n], new float[6 * n]);
        (_smallFaces, _smallWeights, _condition, _cropMask) = (new int[n], new float[3 * n], new float[3 * n], new float[n]);
        (_flow, _warped, _seen, _lowWarped, _lowColor, _coarse) = (new float[2 * n], new float[3 * n], new float[n], new float[3 * n], new float[3 * n], new Vector128<float>[n]);
        (_rowFlow, _rowSeen, _rowColors, _rowMatte) = (new float[2 * size], new float[size], new float[3 * size], new float[size]);
    }

    public void Prepare(in TransferFrame frame)
    {
        frame.SourceImage.CopyTo(_picture);
        frame.SourcePoints.CopyTo(_points);
        _shrink.Run(_picture, _smallPicture);
        Pick(frame.SourceFaceIndex, 1, _smallFaces);
        BodyMaps.Condition(_smallFaces, _generator.Body.Surface, _condition);
        _assembler.Background(_smallPicture, _condition, _generator.Network.BackgroundKernel(_small) ?? 1, _backgroundInput);
        _source = _generator.Warp.Analyse(_smallPicture, _points, _smallFaces, _small);
        DressBody();
        _assembler.Foreground(_person, _condition, _foregroundInput, _cropMask);
        _network.Prepare(new TransferFrame { SourceImage = _smallPicture, BackgroundInput = _backgroundInput, ForegroundInput = _foregroundInput });
        _hasPlate = false;
    }

    public void Generate(in TransferFrame frame, TransferResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        TextureWarpSource source = _source ?? throw new InvalidOperationException("A source must be prepared before a target can be generated.");
        Pick(frame.TargetFaceIndex, 1, _smallFaces);
        Pick(frame.TargetWeights, 3, _smallWeights);
        RunNetwork();
        if (!_hasPlate)
            MakePlate();
        BlendLow(source);
        _enlarge.Run(_networkResult.Color, _networkResult.Mask, new TargetSink(this, source, frame.TargetFaceIndex, frame.TargetWeights, result));
        _plate.CopyTo(result.Background, 0);
        result.Compose();
    }

    public void Dispose() => _network.Dispose();

    /// <summary>Where the fitted body is wider than the person, the person's colours go on, so that the network is not shown background as if it were skin or cloth.</summary>
    private void DressBody()
    {
        ReadOnlySpan<float> matte = _source!.Matte, spread = _source.Layers;
        for (int i = 0; i < _smallPlane; i++)
        {
            float missing = _smallFaces[i] >= 0 ? 1 - TextureWarpGenerator.SmoothStep(MissingBelow, MissingTo, matte[i]) : 0;
            for (int c = i; c < 3 * _smallPlane; c += _smallPlane)
                _person[c] = float.Lerp(_smallPicture[c], spread[c], missing);
        }
    }

    /// <summary>The maps' pixels at the centres of the network's.</summary>
    private void Pick<T>(ReadOnlySpan<T> map, int channels, Span<T> small)
    {
        for (int y = 0, i = 0; y < _small; y++)
        {
            for (int x = 0; x < _small; x++, i += channels)
                map.Slice((_pick[y] * _size + _pick[x]) * channels, channels).CopyTo(small[i..]);
        }
    }

    private void RunNetwork()
    {
        TransformationFlow.Compute(_points, _smallFaces, _smallWeights, _flow);
        GridSampler.Sample(_person, 3, _small, _small, _flow, _generator.Network.Shape.AlignCorners, _warped);
        BodyMaps.Condition(_smallFaces, _generator.Body.Surface, _condition);
        _assembler.Transfer(_warped, _condition, _transferInput);
        _network.Generate(new TransferFrame { TransferInput = _transferInput, Flow = _flow }, _networkResult);
    }

    /// <summary>The source's own pixels where the network's background is the source's, too; enlarged where it is not. The same for all targets of a source.</summary>
    private void MakePlate()
    {
        float[] plate = _networkResult.Background, keep = _cropMask;
        for (int i = 0; i < _smallPlane; i++)
        {
            float difference = 0;
            for (int c = 0; c < 3; c++)
                difference = Math.Max(difference, Math.Abs(plate[c * _smallPlane + i] - _smallPicture[c * _smallPlane + i]));
            keep[i] = _backgroundInput[3 * _smallPlane + i] * (1 - TextureWarpGenerator.SmoothStep(SameBackground, OtherBackground, difference));
        }
        _enlarge.Run(plate, keep, new PlateSink(this));
        _hasPlate = true;
    }

    /// <summary>At N: takes the network's high frequencies away where the source has its own, and lets the source's low ones have their say.</summary>
    private void BlendLow(TextureWarpSource source)
    {
        int n = _smallPlane;
        for (int y = 0; y < _small; y++)
        {
            See(source, _smallFaces.AsSpan(y * _small, _small), _smallWeights.AsSpan(3 * y * _small, 3 * _small), _seen.AsSpan(y * _small, _small));
            Span<float> colors = _rowColors.AsSpan(0, 3 * _small);
            GridSampler.Sample(_smallPicture, 3, _small, _small, _rowFlow.AsSpan(0, 2 * _small), alignCorners: false, colors);
            for (int c = 0; c < 3; c++)
                colors.Slice(c * _small, _small).CopyTo(_warped.AsSpan(c * n + y * _small));
        }
        float[] color = _networkResult.Color;
        _lowPass.Run(_warped, _seen, _lowWarped);
        _lowPass.Run(color, _seen, _lowColor);
        for (int i = 0; i < n; i++)
        {
            float difference = 0;
            for (int c = 0; c < 3; c++)
                difference += Math.Abs(_lowWarped[c * n + i] - _lowColor[c * n + i]) / 3;
            float agreement = 1 - TextureWarpGenerator.SmoothStep(Agree, Disagree, difference), weight = _seen[i] * agreement;
            _coarse[i] = Vector128.Create(_lowWarped[i], _lowWarped[n + i], _lowWarped[2 * n + i], agreement);
            for (int c = i; c < 3 * n; c += n)
                color[c] += weight * (_lowColor[c] - color[c] + WarpedLow * (_lowWarped[c] - _lowColor[c]));
        }
    }

    /// <summary>T of a row of pixels, and how well the surface there is seen in the source.</summary>
    private void See(TextureWarpSource source, ReadOnlySpan<int> faces, ReadOnlySpan<float> weights, Span<float> seen)
    {
        ReadOnlySpan<int> corners = _generator.Body.Faces;
        int length = faces.Length;
        Span<float> flow = _rowFlow.AsSpan(0, 2 * length), matte = _rowMatte.AsSpan(0, length);
        flow.Fill(TransformationFlow.Nowhere);
        seen.Clear();
        for (int x = 0; x < length; x++)
        {
            if (faces[x] < 0)
                continue;
            float u = 0, v = 0, quality = 0;
            for (int k = 0; k < 3; k++)
            {
                int vertex = corners[3 * faces[x] + k];
                float w = weights[3 * x + k];
                u += w * source.Points[2 * vertex];
                v += w * source.Points[2 * vertex + 1];
                quality += w * source.Quality[vertex];
            }
            (flow[2 * x], flow[2 * x + 1], seen[x]) = (u, v, quality);
        }
        GridSampler.Sample(source.Matte, 1, _small, _small, flow, alignCorners: false, matte);
        for (int x = 0; x < length; x++)
            seen[x] *= TextureWarpGenerator.SmoothStep(PersonFrom, 1, matte[x]);
    }

    /// <summary>Background: the source's own pixels as far as the fourth plane says.</summary>
    private readonly struct PlateSink(SharpWorker worker) : IRowSink
    {
        public void Write(int y, ReadOnlySpan<float> row)
        {
            int size = worker._size;
            for (int c = 0; c < 3; c++)
            {
                ReadOnlySpan<float> picture = worker._picture.AsSpan(c * worker._plane + y * size, size);
                Span<float> plate = worker._plate.AsSpan(c * worker._plane + y * size, size);
                for (int x = 0; x < size; x++)
                    plate[x] = float.Lerp(row[4 * x + c], picture[x], Math.Clamp(row[4 * x + 3], 0, 1));
            }
        }
    }

    /// <summary>At S: the enlarged colours and mask, and what the warped source has above the low frequencies.</summary>
    private readonly ref struct TargetSink(SharpWorker worker, TextureWarpSource source, ReadOnlySpan<int> faces, ReadOnlySpan<float> weights, TransferResult result) : IRowSink
    {
        private readonly ReadOnlySpan<int> _faces = faces;
        private readonly ReadOnlySpan<float> _weights = weights;

        public void Write(int y, ReadOnlySpan<float> row)
        {
            int size = worker._size, first = y * size;
            for (int x = 0; x < size; x++)
            {
                for (int c = 0; c < 3; c++)
                    result.Color[c * worker._plane + first + x] = row[4 * x + c];
                result.Mask[first + x] = worker.Mask(row[4 * x + 3]);
            }
            ReadOnlySpan<int> facesOfRow = _faces.Slice(first, size);
            if (facesOfRow.IndexOfAnyInRange(0, int.MaxValue) < 0)
                return;
            worker.See(source, facesOfRow, _weights.Slice(3 * first, 3 * size), worker._rowSeen);
            GridSampler.Sample(worker._picture, 3, size, size, worker._rowFlow, alignCorners: false, worker._rowColors);
            for (int x = 0; x < size; x++)
            {
                if (worker._rowSeen[x] <= 0)
                    continue;
                Vector128<float> coarse = worker.Coarse(x, y);
                float weight = worker._rowSeen[x] * coarse[3];
                for (int c = 0; c < 3; c++)
                    result.Color[c * worker._plane + first + x] += weight * (worker._rowColors[c * size + x] - coarse[c]);
            }
        }
    }

    /// <summary>What is coarse, bilinearly at a pixel of S.</summary>
    private Vector128<float> Coarse(int x, int y)
    {
        ReadOnlySpan<Vector128<float>> upper = _coarse.AsSpan(_near[y] * _small), lower = _coarse.AsSpan(Math.Min(_near[y] + 1, _small - 1) * _small);
        int left = _near[x], right = Math.Min(left + 1, _small - 1);
        Vector128<float> top = upper[left] + _share[x] * (upper[right] - upper[left]), bottom = lower[left] + _share[x] * (lower[right] - lower[left]);
        return top + _share[y] * (bottom - top);
    }

    // An enlarged outline is soft by the ratio of the sizes, a person's is not.
    private float Mask(float enlarged) => _size > _small ? TextureWarpGenerator.SmoothStep(0.25f, 0.75f, enlarged) : enlarged;
}
