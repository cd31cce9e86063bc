using Lwg.MLNet.Transforms.Stages;
using Lwg.MLNet.Warping;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>ComputeTransformationFlow</c>.</summary>
public sealed class ComputeTransformationFlowOptions : StageOptions
{
    /// <summary>The output column: T [S,S,2], x right and y down in [-1,1]; (-2,-2) at pixels without a source.</summary>
    public string OutputColumnName { get; init; } = "T";

    /// <summary>The input column: the picture points of the source's faces [F,3,2].</summary>
    public string SourcePointsColumnName { get; init; } = "SourcePoints";

    /// <summary>The output column: the map of the target's surface that is visible in the source [1,S,S]. Null for none.</summary>
    public string? SeenMapColumnName { get; init; }

    /// <summary>The input column if <see cref="OnlyVisible"/> or <see cref="SeenMapColumnName"/> is set: the source's face index map
    /// [S,S].</summary>
    public string SourceFaceIndexColumnName { get; init; } = "SourceFaceIndex";

    /// <summary>The input column: the target's face index map [S,S].</summary>
    public string TargetFaceIndexColumnName { get; init; } = "TargetFaceIndex";

    /// <summary>The input column: the target's weight map [S,S,3].</summary>
    public string TargetWeightsColumnName { get; init; } = "TargetWeights";

    /// <summary>Whether faces that are not visible in the source get (-2,-2) too.</summary>
    public bool OnlyVisible { get; init; }

    /// <summary>Whether <see cref="OnlyVisible"/> also leaves out the lowest face of a source map without background, as the published
    /// release does.</summary>
    public bool OnlyVisibleAsPublished { get; init; }

    internal override void Check() { }
}

/// <summary>Computes the transformation flow T: see <see cref="TransformationFlow"/>.</summary>
internal sealed class ComputeTransformationFlowTransformer : StageTransformer<ComputeTransformationFlowOptions>
{
    internal const string Name = "ComputeTransformationFlow";

    private const ColumnFacts MapFacts = ColumnFacts.Body | ColumnFacts.ImageSize;

    internal ComputeTransformationFlowTransformer(IHostEnvironment environment, ComputeTransformationFlowOptions options)
        : base(environment, Name, options)
    {
        List<StageColumn> inputs =
        [
            StageColumn.Singles(options.SourcePointsColumnName, "F,3,2", MapFacts, ofSource: true),
            StageColumn.Integers(options.TargetFaceIndexColumnName, "S,S", MapFacts),
            StageColumn.Singles(options.TargetWeightsColumnName, "S,S,3", MapFacts),
        ];
        if (options.OnlyVisible || options.SeenMapColumnName is not null)
            inputs.Add(StageColumn.Integers(options.SourceFaceIndexColumnName, "S,S", MapFacts, ofSource: true));
        List<StageColumn> outputs = [StageColumn.Singles(options.OutputColumnName, "S,S,2", MapFacts)];
        if (options.SeenMapColumnName is { } seen)
            outputs.Add(StageColumn.Singles(seen, "1,S,S", MapFacts));
        Signature = new StageSignature { Stage = Name, Inputs = inputs, Outputs = outputs };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        float[] source = buffers.Input<float>(Options.SourcePointsColumnName),
            weights = buffers.Input<float>(Options.TargetWeightsColumnName);
        int[] faceIndex = buffers.Input<int>(Options.TargetFaceIndexColumnName);
        float[] flow = buffers.Output<float>(Options.OutputColumnName);
        if (!Options.OnlyVisible && Options.SeenMapColumnName is null)
            return new StageKernel(Compute: () => TransformationFlow.Compute(source, faceIndex, weights, flow));
        int[] sourceFaceIndex = buffers.Input<int>(Options.SourceFaceIndexColumnName);
        float[] visible = Options.OnlyVisible ? new float[source.Length] : source, seen = Options.SeenMapColumnName is { } name
            ? buffers.Output<float>(name) : [];
        bool[] flags = new bool[source.Length / 6];
        int size = buffers.Binding.Size("S");
        var morphology = new Morphology(size, size);
        return new StageKernel(
            Prepare: () =>
            {
                if (Options.OnlyVisible)
                {
                    source.CopyTo(visible, 0);
                    TransformationFlow.KeepVisible(visible, sourceFaceIndex, flags, Options.OnlyVisibleAsPublished);
                }
                else
                {
                    TransformationFlow.MarkVisible(sourceFaceIndex, flags);
                }
            },
            Compute: () =>
            {
                TransformationFlow.Compute(visible, faceIndex, weights, flow);
                if (seen.Length > 0)
                    TransformationFlow.MarkSeen(flags, faceIndex, morphology, seen);
            });
    }
}
