using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Torch;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Generator;

/// <summary>How far the features of VGG-19 are apart (Johnson et al. 2016), in L1, deeper layers weighing more as in the paper's code.</summary>
internal sealed class PerceptualLoss : IDisposable
{
    private static readonly double[] s_layerWeights = [1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1];

    private readonly FrozenNetwork _network;
    private readonly Tensor _mean, _deviation;

    /// <param name="weights">VGG-19's weights by torchvision's names.</param>
    /// <param name="source">What an error calls them.</param>
    /// <param name="device">Where it computes; null for the processor.</param>
    /// <param name="convolutions">Computes the convolutions; null for what is shared by all networks on the device.</param>
    /// <exception cref="ModelFileException">Weights are missing or have another shape.</exception>
    public PerceptualLoss(INamedWeights weights, string source, Device? device = null, CheckedConvolutions? convolutions = null)
    {
        _network = new FrozenNetwork(VggNetwork.Build(), weights, source, device, convolutions);
        // Pictures are in [-1,1], the network's mean and deviation are of [0,1].
        _mean = tensor([.. VggNetwork.Mean.ToArray().Select(m => 2 * m - 1)], device: device).reshape(1, 3, 1, 1).DetachFromDisposeScope();
        _deviation = tensor([.. VggNetwork.Deviation.ToArray().Select(d => 2 * d)], device: device).reshape(1, 3, 1, 1).DetachFromDisposeScope();
    }

    /// <summary>Reads the weights from a PyTorch checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where it computes; null for the processor.</param>
    /// <param name="convolutions">Computes the convolutions; null for what is shared by all networks on the device.</param>
    /// <exception cref="ModelFileException">It is missing, damaged, or holds another network.</exception>
    public static PerceptualLoss Load(string path, Device? device = null, CheckedConvolutions? convolutions = null)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        return new PerceptualLoss(checkpoint, path, device, convolutions);
    }

    /// <summary>The loss.</summary>
    /// <param name="predicted">[N,3,S,S] in [-1,1].</param>
    /// <param name="actual">[N,3,S,S] in [-1,1].</param>
    public Tensor Compare(Tensor predicted, Tensor actual)
    {
        Dictionary<string, Tensor> found = Features(predicted), wanted;
        using (no_grad())
            wanted = Features(actual);
        Tensor sum = zeros(1, device: predicted.device);
        foreach ((string feature, double weight) in VggNetwork.Features.Zip(s_layerWeights))
            sum += weight * Losses.L1(found[feature], wanted[feature]);
        return sum;
    }

    public void Dispose()
    {
        _network.Dispose();
        _mean.Dispose();
        _deviation.Dispose();
    }

    private Dictionary<string, Tensor> Features(Tensor image) => _network.Forward((image - _mean) / _deviation);
}
