using Lwg.MLNet.Networks;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>
/// The one place where networks' convolutions are computed: each in a way that was held against float64 on this machine, forward and both
/// gradients, before its first use. libtorch's own kernels are wrong on some processors, by channel counts.
/// </summary>
/// <param name="choices">Which way each takes.</param>
/// <param name="report">Told what a check found; null for nothing.</param>
internal sealed class CheckedConvolutions(ConvolutionChoices choices, Action<string>? report = null)
{
    private HashSet<ConvolutionShape>? _recorded;

    /// <summary>Computes the convolution of a node of a graph.</summary>
    /// <param name="node">A node Conv or ConvTranspose.</param>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="weight">The kernel.</param>
    /// <param name="bias">The biases; null for none.</param>
    /// <exception cref="TrainingException">There is no right way on this machine.</exception>
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

    /// <summary>Checks the convolutions of a training before it begins.</summary>
    /// <param name="rehearse">Computes every network of the training at every size and batch; convolutions then make zeros and are noted
    /// only.</param>
    /// <param name="cancellationToken">Stops between two convolutions.</param>
    /// <exception cref="TrainingException">One of them has no right way on this machine.</exception>
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

    // What a rehearsal did not foresee is checked when it comes.
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
