using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Models;

/// <summary>A published network, identified by the names and shapes of its weights.</summary>
internal sealed class PublishedNetwork
{
    /// <summary>The prefix of the body arrays in HMR's checkpoints, which are transposed and without faces. The body is read from its own
    /// file instead.</summary>
    public const string BodyPrefix = "smpl.";

    private PublishedNetwork(ModelKind? kind, string description, IReadOnlyList<NetworkGraph> graphs, GeneratorShape? generator = null) =>
        (Kind, Description, Graphs, Generator) = (kind, description, graphs, generator);

    /// <summary>The kind of model; null for networks used only in training.</summary>
    public ModelKind? Kind { get; }

    /// <summary>A short description.</summary>
    public string Description { get; }

    /// <summary>The graphs of the network, which together use all its weights.</summary>
    public IReadOnlyList<NetworkGraph> Graphs { get; }

    /// <summary>The sizes of a generator that are determined by weights. The location of warping and align_corners are not.</summary>
    public GeneratorShape? Generator { get; }

    /// <summary>Identifies the network of weights.</summary>
    /// <param name="weights">The weights.</param>
    /// <returns>The network, with sizes from the shapes of the weights; null if it is unknown. Weights may still be missing: see
    /// <see cref="WeightReport"/>.</returns>
    public static PublishedNetwork? Recognize(INamedWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (Any(weights, "src_model.") || Any(weights, "tsf_model.") || Any(weights, "bg_model."))
            return OfGenerator(weights);
        if (Any(weights, "resnet.") && Any(weights, "regressor."))
            return new(ModelKind.SmplEstimator, "SMPL estimator (HMR)", [HmrNetwork.Build()]);
        if (Any(weights, "coarse_net.") && Any(weights, "refine_conv_net."))
        {
            int width = FirstSide(weights, "coarse_net.0.conv2d.weight", InpaintingNetwork.DefaultWidth);
            return new(ModelKind.Inpainter, $"background inpainter (gated convolutions, width {width})",
                [InpaintingNetwork.Build(Math.Max(2, width / 2 * 2))]);
        }
        return null;
    }

    /// <summary>Compares weights with those that the network needs. The buffers of a body in an SMPL estimator are counted separately
    /// from unexpected weights.</summary>
    /// <param name="weights">The weights.</param>
    public WeightReport Compare(INamedWeights weights)
    {
        WeightReport report = WeightReport.Compare(Graphs, weights);
        if (Kind != ModelKind.SmplEstimator)
            return report;
        string[] unexpected = [.. report.Unexpected.Where(n => !n.StartsWith(BodyPrefix, StringComparison.Ordinal))];
        return report with { Unexpected = unexpected, BodyBuffers = report.Unexpected.Count - unexpected.Length };
    }

    private static PublishedNetwork OfGenerator(INamedWeights weights)
    {
        string stream = Any(weights, "tsf_model.") ? "tsf_model" : "src_model";
        var shape = new GeneratorShape
        {
            Width = Math.Clamp(FirstSide(weights, stream + ".encoders.0.0.weight", 64), 1, 256),
            Levels = Math.Clamp(Count(weights, stream + ".encoders.") - 1, 1, 5),
            Blocks = Math.Clamp(Count(weights, stream + ".resnets."), 0, 32),
        };
        return new(ModelKind.Generator,
            $"Liquid Warping GAN generator (width {shape.Width}, {shape.Levels} levels, {shape.Blocks} residual blocks)",
            [GeneratorNetwork.BuildBackground(shape), GeneratorNetwork.BuildSource(shape, withReconstruction: true),
                GeneratorNetwork.BuildTransfer(shape)], shape);
    }

    private static bool Any(INamedWeights weights, string prefix) => weights.Names.Any(n => n.StartsWith(prefix, StringComparison.Ordinal));

    private static int FirstSide(INamedWeights weights, string name, int fallback) =>
        weights.TryGetShape(name, out int[] shape) && shape.Length > 0 ? shape[0] : fallback;

    // The number of distinct indices after the prefix.
    private static int Count(INamedWeights weights, string prefix) =>
        weights.Names.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n => n[prefix.Length..].Split('.')[0]).Distinct()
        .Count();
}
