using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Training.Torch;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Estimator;

/// <summary>The estimator's network and its training step.</summary>
internal sealed class EstimatorStep : IDisposable
{
    private const double Beta1 = 0.9;

    // Larger steps lose what the encoder learned on photographs.
    private const double EncoderShare = 0.1;

    private readonly EstimatorTrainingOptions _options;
    private readonly CheckedConvolutions _convolutions;
    private readonly Dictionary<int, GraphModule> _modules = [];

    public EstimatorStep(EstimatorTrainingOptions options)
    {
        (_options, _convolutions) = (options, options.Convolutions(CPU));
        NetworkGraph graph = PersonNetwork.Build(options.Schedule[0].Size, training: true);
        Weights = new LearnedWeights([graph], options.Seed, Beta1, deviation: null);
        if (options.Encoder is null)
            return;
        Weights.Begin(ResNetWeights.Folded(options.Encoder), PersonNetwork.EncoderPrefix);
        Weights.Slow(PersonNetwork.EncoderPrefix, EncoderShare);
        Weights.Freeze(PersonNetwork.FirstLayers(graph));
    }

    public LearnedWeights Weights { get; }

    /// <summary>The last step's key points [N,17,3].</summary>
    public float[] LastKeypoints { get; private set; } = [];

    /// <summary>Trains on a batch.</summary>
    /// <param name="batch">Pictures of one size with their ground truth.</param>
    /// <param name="samples">Samples processed, including this batch.</param>
    /// <param name="rate">The learning rate.</param>
    public EstimatorLosses Run(IReadOnlyList<Snapshot> batch, long samples, double rate)
    {
        using var scope = NewDisposeScope();
        int size = batch[0].Size, grid = size / PersonNetwork.GridStride, count = batch.Count, points = CocoSkeleton.KeypointCount;
        Tensor images = Stack(s => s.Image, 3, size, size);
        Tensor truth = Stack(s => s.Keypoints, points, 3);
        Tensor masks = nn.functional.avg_pool2d(Stack(s => s.Mask, 1, size, size), PersonNetwork.MaskStride);
        Tensor someone = AlignedTensor.Of(batch.Select(s => s.PersonCount > 0 ? 1f : 0).ToArray());
        Tensor presence = stack([someone, AlignedTensor.Of(batch.Select(s => s.PersonCount > 1 ? 1f : 0).ToArray())], 1);

        Dictionary<string, Tensor> output = Module(size).Forward([images]);
        Tensor known = truth.narrow(2, 2, 1).gt(0).to(ScalarType.Float32), total = known.sum() + 1e-6;
        Tensor places = truth.narrow(2, 0, 2);
        Tensor map = -(Spots(places, grid) * output[PersonNetwork.KeypointLogits].log_softmax(2)).sum(2, keepdim: true);
        Tensor mapLoss = (map * known).sum() / total;
        Tensor placeLoss = ((output[PersonNetwork.Keypoints].narrow(2, 0, 2) - places).abs() * known).sum() / total / size;
        Tensor seenLoss = nn.functional.binary_cross_entropy_with_logits(output[PersonNetwork.SeenLogits], truth.narrow(2, 2, 1))
            + nn.functional.binary_cross_entropy_with_logits(output[PersonNetwork.PresenceLogits], presence);
        Tensor maskLoss = nn.functional.binary_cross_entropy_with_logits(output[PersonNetwork.MaskLogits], masks);
        Tensor people = someone.sum() + 1e-6;
        Tensor rotationLoss = (((Matrices(output[PersonNetwork.Rotations]) - AlignedTensor.Of(RotationsOf(batch))
            .reshape(count, Skeleton.JointCount, 3, 3)).square()).mean([1, 2, 3]) * someone).sum() / people;
        Tensor numbers = output[PersonNetwork.CameraAndShape],
            trueNumbers = Stack(CameraAndShapeOf, SmplLayout.CameraCount + SmplLayout.ShapeCount);
        Tensor difference = numbers - trueNumbers;
        Tensor cameraLoss = (difference.narrow(1, 0, SmplLayout.CameraCount).abs().mean([1]) * someone).sum() / people;
        Tensor shapeLoss = (difference.narrow(1, SmplLayout.CameraCount, SmplLayout.ShapeCount).square().mean([1]) * someone).sum()
            / people;

        Weights.ClearGradients();
        (_options.MapWeight * mapLoss + _options.PlaceWeight * placeLoss + _options.SeenWeight * seenLoss + _options.MaskWeight * maskLoss
            + _options.RotationWeight * rotationLoss
            + _options.CameraWeight * cameraLoss + _options.ShapeWeight * shapeLoss).backward();
        double gradient = Weights.Step(rate, _options.GradientLimit, _options.AverageDecay);
        LastKeypoints = output[PersonNetwork.Keypoints].data<float>().ToArray();
        return new EstimatorLosses(samples, size, mapLoss.item<float>(), placeLoss.item<float>(), seenLoss.item<float>(),
            maskLoss.item<float>(), rotationLoss.item<float>(), cameraLoss.item<float>(), shapeLoss.item<float>(), gradient);

        Tensor Stack(Func<Snapshot, float[]> part, params long[] shape) =>
            AlignedTensor.Of(batch.SelectMany(part).ToArray()).reshape([count, .. shape]);
    }

    /// <summary>Checks the convolutions of all remaining steps.</summary>
    /// <param name="samples">Samples processed.</param>
    /// <param name="cancellationToken">Stops between two convolutions.</param>
    /// <exception cref="TrainingException">No implementation of a convolution is correct on this machine.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void CheckConvolutions(long samples, CancellationToken cancellationToken) => _convolutions.Check(() =>
    {
        foreach ((int size, int count) in _options.BatchesAfter(samples))
        {
            using var scope = NewDisposeScope();
            _ = Module(size).Forward([zeros(count, 3, size, size)]);
        }
    }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();

    private GraphModule Module(int size)
    {
        if (!_modules.TryGetValue(size, out GraphModule? module))
            _modules[size] = module = new GraphModule(PersonNetwork.Build(size, training: true), Weights.ByName, bfloat16: false,
                device: null, _convolutions);
        return module;
    }

    // Spots [N,17,G], with sum 1, around the key points (pixels).
    private Tensor Spots(Tensor places, int grid)
    {
        Tensor steps = (arange(grid, ScalarType.Float32) + 0.5f) * PersonNetwork.GridStride;
        double scale = -0.5 / (_options.SpotDeviation * _options.SpotDeviation * PersonNetwork.GridStride * PersonNetwork.GridStride);
        Tensor across = ((steps - places.narrow(2, 0, 1)).square() * scale).softmax(2),
            down = ((steps - places.narrow(2, 1, 1)).square() * scale).softmax(2);
        return (down.unsqueeze(3) * across.unsqueeze(2)).flatten(2);
    }

    private static Tensor Cross(Tensor a, Tensor b)
    {
        Tensor x = a.roll(-1, 2), y = b.roll(-2, 2), u = a.roll(-2, 2), v = b.roll(-1, 2);
        return x * y - u * v;
    }

    // Orthogonalises two columns; the third is their cross product (Zhou et al. 2019, section 4.2): [N,24,6] to [N,24,3,3].
    internal static Tensor Matrices(Tensor columns)
    {
        Tensor a = columns.narrow(2, 0, 3), b = columns.narrow(2, 3, 3);
        Tensor first = nn.functional.normalize(a, dim: 2);
        Tensor second = nn.functional.normalize(b - (first * b).sum(2, keepdim: true) * first, dim: 2);
        return stack([first, second, Cross(first, second)], 3);
    }

    internal static float[] CameraAndShapeOf(Snapshot snapshot)
    {
        var smpl = new ReadOnlySmpl(snapshot.Smpl);
        return [smpl.Scale, smpl.Scale * smpl.TranslationX, smpl.Scale * smpl.TranslationY, .. smpl.Shape];
    }

    internal static float[] RotationsOf(IReadOnlyList<Snapshot> batch)
    {
        float[] matrices = new float[batch.Count * Skeleton.JointCount * 9];
        for (int i = 0; i < batch.Count; i++)
        {
            for (int j = 0; j < Skeleton.JointCount; j++)
                Body.Rotations.FromAxisAngle(new ReadOnlySmpl(batch[i].Smpl).Joint(j),
                    matrices.AsSpan((i * Skeleton.JointCount + j) * 9, 9));
        }
        return matrices;
    }
}
