using Lwg.MLNet.Networks;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>
/// Computes all convolutions of the networks. Each uses an implementation that was compared with float64 on this machine, forward and
/// both gradients, before its first use: libtorch's own kernels are wrong on some processors for some channel counts.
/// </summary>
/// <param name="choices">The implementation of each convolution.</param>
/// <param name="report">Receives the result of a check; may be null.</param>
internal sealed class CheckedConvolutions(ConvolutionChoices choices, Action<string>? report = null)
{
    private HashSet<ConvolutionShape>? _recorded;

    /// <summary>Computes the convolution of a node of a graph.</summary>
    /// <param name="node">A node Conv or ConvTranspose.</param>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="weight">The kernel.</param>
    /// <param name="bias">The biases; null for none.</param>
    /// <exception cref="TrainingException">No implementation is correct on this machine.</exception>
    public Tensor Compute(GraphNode node, Tensor x, Tensor weight, Tensor? bias)
    {
        ConvolutionShape shape = ConvolutionShape.Of(node, x, weight, bias is not null);
        if (_recorded is not null)
        {
            _recorded.Add(shape);
            return zeros(shape.OutputShape, shape.Type, x.device);
        }
        ConvolutionWay way = shape.Type == ScalarType.Float64 ? ConvolutionWay.All[0] : (choices.Find(shape) ?? CheckNow(shape)).Way!;
        return way.Compute(shape, x, weight, bias);
    }

    /// <summary>Checks the convolutions of a training before it starts.</summary>
    /// <param name="rehearse">Runs every network of the training at every size and batch; during this call convolutions are only recorded
    /// and return zeros.</param>
    /// <param name="cancellationToken">Stops between two convolutions.</param>
    /// <exception cref="TrainingException">No implementation of a convolution is correct on this machine.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Check(Action rehearse, CancellationToken cancellationToken = default)
    {
        HashSet<ConvolutionShape> shapes = [];
        try
        {
            _recorded = shapes;
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            rehearse();
        }
        finally
        {
            _recorded = null;
        }
        Tell(choices.Check(shapes, cancellationToken));
    }

    // Convolutions that the rehearsal did not record are checked at their first use.
    private ConvolutionChoice CheckNow(ConvolutionShape shape)
    {
        ConvolutionReport found = choices.Check([shape], CancellationToken.None);
        Tell(found);
        return found.Choices[0];
    }

    private void Tell(ConvolutionReport found)
    {
        if (report is not null)
        {
            foreach (string line in found.Lines)
                report(line);
        }
        found.ThrowIfHopeless();
    }
}
