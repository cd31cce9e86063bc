using Lwg.MLNet.Body;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Training.Torch;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Estimator;

/// <summary>
/// Trains the regressor alone: its inputs are computed once for many pictures, with the rest of the network frozen, and reused in many
/// passes. It costs one network run per picture and allows thousands of times as many steps.
/// </summary>
internal sealed class RegressorStep : IDisposable
{
    private const double Beta1 = 0.9, AverageDecay = 0.998;

    private readonly EstimatorTrainingOptions _options;
    private readonly CheckedConvolutions _convolutions;
    private readonly GraphModule _trunk, _regressor;
    private readonly List<float[]> _inputs = [], _rotations = [], _numbers = [], _presence = [];

    public RegressorStep(EstimatorTrainingOptions options, LearnedWeights network)
    {
        (_options, _convolutions) = (options, options.Convolutions(CPU));
        _trunk = new GraphModule(PersonNetwork.Build(options.Schedule[^1].Size, training: true), network.AverageByName(), bfloat16: false,
            device: null, _convolutions);
        NetworkGraph graph = PersonNetwork.BuildRegressor();
        Weights = new LearnedWeights([graph], options.Seed, Beta1, deviation: null);
        Weights.Take(network);
        _regressor = new GraphModule(graph, Weights.ByName, bfloat16: false, device: null, _convolutions);
    }

    /// <summary>The regressor's weights.</summary>
    public LearnedWeights Weights { get; }

    /// <summary>The number of stored pictures.</summary>
    public int Count => _inputs.Count;

    /// <summary>Checks the convolutions that <see cref="Remember"/> computes.</summary>
    /// <param name="options">Sizes and counts of the pictures.</param>
    /// <param name="cancellationToken">Stops between two convolutions.</param>
    /// <exception cref="TrainingException">No implementation of a convolution is correct on this machine.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void CheckConvolutions(EstimatorTrainingOptions options, CancellationToken cancellationToken) => _convolutions.Check(() =>
    {
        foreach ((int size, int count) in options.BatchesAfter(0))
        {
            using var scope = NewDisposeScope();
            _ = _trunk.Forward([zeros(count, 3, size, size)]);
        }
    }, cancellationToken);

    /// <summary>Stores the regressor's inputs for pictures.</summary>
    /// <param name="batch">Pictures of the size of the schedule's last stage.</param>
    public void Remember(IReadOnlyList<Snapshot> batch)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        int size = batch[0].Size;
        Tensor output = _trunk.Forward(
            [AlignedTensor.Of(batch.SelectMany(s => s.Image).ToArray()).reshape(batch.Count, 3, size, size)])[PersonNetwork.RegressorInput];
        float[] all = output.data<float>().ToArray();
        for (int i = 0; i < batch.Count; i++)
        {
            _inputs.Add(all[(i * PersonNetwork.RegressorInputCount)..((i + 1) * PersonNetwork.RegressorInputCount)]);
            _rotations.Add(EstimatorStep.RotationsOf([batch[i]]));
            _numbers.Add(EstimatorStep.CameraAndShapeOf(batch[i]));
            _presence.Add([batch[i].PersonCount > 0 ? 1 : 0, batch[i].PersonCount > 1 ? 1 : 0]);
        }
    }

    /// <summary>Trains on stored pictures.</summary>
    /// <param name="which">Their indices.</param>
    /// <param name="rate">The learning rate; 0 only measures the losses.</param>
    /// <returns>The losses of rotations, camera and presence.</returns>
    public (double Rotation, double Camera, double Presence) Run(IReadOnlyList<int> which, double rate)
    {
        using var scope = NewDisposeScope();
        Tensor presence = Stack(_presence, 2), someone = presence.select(1, 0), people = someone.sum() + 1e-6;
        Dictionary<string, Tensor> output = _regressor.Forward([Stack(_inputs, PersonNetwork.RegressorInputCount)]);
        Tensor rotationLoss = ((EstimatorStep.Matrices(output[PersonNetwork.Rotations])
            - Stack(_rotations, Skeleton.JointCount, 3, 3)).square().mean([1, 2, 3]) * someone).sum() / people;
        Tensor difference = output[PersonNetwork.CameraAndShape] - Stack(_numbers, SmplLayout.CameraCount + SmplLayout.ShapeCount);
        Tensor cameraLoss = (difference.narrow(1, 0, SmplLayout.CameraCount).abs().mean([1]) * someone).sum() / people;
        Tensor shapeLoss = (difference.narrow(1, SmplLayout.CameraCount, SmplLayout.ShapeCount).square().mean([1]) * someone).sum()
            / people;
        Tensor presenceLoss = nn.functional.binary_cross_entropy_with_logits(output[PersonNetwork.PresenceLogits], presence);
        if (rate > 0)
        {
            Weights.ClearGradients();
            (_options.RotationWeight * rotationLoss + _options.CameraWeight * cameraLoss + _options.ShapeWeight * shapeLoss
                + _options.SeenWeight * presenceLoss).backward();
            Weights.Step(rate, _options.GradientLimit, AverageDecay);
        }
        return (rotationLoss.item<float>(), cameraLoss.item<float>(), presenceLoss.item<float>());

        Tensor Stack(List<float[]> rows, params long[] shape) =>
            AlignedTensor.Of(which.SelectMany(i => rows[i]).ToArray()).reshape([which.Count, .. shape]);
    }

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}
