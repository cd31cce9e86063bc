using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Torch;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Generator;

/// <summary>The perceptual distance of pictures by ResNet-18: <see cref="Metrics.PerceptualDistance"/> as a loss, a weighted mean over
/// positions.</summary>
internal sealed class PerceptualLoss : IDisposable
{
    // Keeps the norm of the features above 0, as in the distance.
    private const double Least = 1e-12;

    private readonly FrozenNetwork _network;

    /// <param name="weights">The weights of <see cref="ResNetNetwork"/>.</param>
    /// <param name="source">The name of the weights in error messages.</param>
    /// <param name="device">The device; null for the CPU.</param>
    /// <param name="convolutions">Computes the convolutions; null for the instance that all networks on the device share.</param>
    /// <exception cref="ModelFileException">Weights are missing or have another shape.</exception>
    public PerceptualLoss(INamedWeights weights, string source, Device? device = null, CheckedConvolutions? convolutions = null) =>
        _network = new FrozenNetwork(ResNetNetwork.Build(), weights, source, device, convolutions);

    /// <summary>Reads the weights from a file.</summary>
    /// <param name="path">A file that <see cref="ResNetWeights"/> reads.</param>
    /// <param name="device">The device; null for the CPU.</param>
    /// <param name="convolutions">Computes the convolutions; null for the instance that all networks on the device share.</param>
    /// <exception cref="ModelFileException">The file is missing, corrupt, or contains another network.</exception>
    public static PerceptualLoss Load(string path, Device? device = null, CheckedConvolutions? convolutions = null) =>
        new(ResNetWeights.Read(path), path, device, convolutions);

    /// <summary>Computes the loss.</summary>
    /// <param name="predicted">[N,3,S,S] in [-1,1].</param>
    /// <param name="actual">[N,3,S,S] in [-1,1].</param>
    /// <param name="weights">The weight of each pixel [N,1,S,S].</param>
    public Tensor Compare(Tensor predicted, Tensor actual, Tensor weights)
    {
        Dictionary<string, Tensor> found = _network.Forward(predicted), wanted;
        using (no_grad())
            wanted = _network.Forward(actual);
        Tensor sum = zeros(1, device: predicted.device);
        foreach (string feature in ResNetNetwork.Features)
        {
            Tensor distance = (Unit(found[feature]) - Unit(wanted[feature])).square().sum(1, keepdim: true);
            Tensor cells = nn.functional.adaptive_avg_pool2d(weights, [distance.shape[2], distance.shape[3]]);
            sum += (distance * cells).sum() / cells.sum() / ResNetNetwork.Features.Count;
        }
        return sum;
    }

    public void Dispose() => _network.Dispose();

    private static Tensor Unit(Tensor features) => features / (features.square().sum(1, keepdim: true) + Least).sqrt();
}
