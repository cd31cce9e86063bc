using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch;

/// <summary>A network with fixed weights, which it owns.</summary>
internal sealed class FrozenNetwork : IDisposable
{
    private readonly Dictionary<string, Tensor> _weights = [];
    private readonly GraphModule _module;

    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="source">The name of the weights in error messages.</param>
    /// <param name="device">The device; null for the CPU.</param>
    /// <param name="convolutions">Computes the convolutions; null for the instance that all networks on the device share.</param>
    /// <exception cref="ModelFileException">Weights are missing or have another shape.</exception>
    public FrozenNetwork(NetworkGraph graph, INamedWeights weights, string source, Device? device = null,
        CheckedConvolutions? convolutions = null)
    {
        WeightReport.Compare([graph], weights).ThrowUnlessComplete(source);
        foreach (GraphTensor weight in graph.Weights)
        {
            float[] values = new float[weight.Count];
            weights.Read(weight.Name, values);
            _weights[weight.Name] = AlignedTensor.Of(values, device).reshape([.. weight.Shape.Select(s => (long)s)])
                .DetachFromDisposeScope();
        }
        _module = new GraphModule(graph, _weights, bfloat16: false, device, convolutions);
    }

    /// <summary>Computes the network, see <see cref="GraphModule.Forward"/>.</summary>
    public Dictionary<string, Tensor> Forward(Tensor input) => _module.Forward(input);

    public void Dispose()
    {
        foreach (Tensor weight in _weights.Values)
            weight.Dispose();
    }
}
