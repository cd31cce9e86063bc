using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Stages;
using Lwg.MLNet.Warping;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>ComputeAppearanceFlow</c>.</summary>
public sealed class ComputeAppearanceFlowOptions : StageOptions
{
    /// <summary>The output column: T of the source [S,S,2]: the identity on the kept parts of the source, (-2,-2) elsewhere.</summary>
    public string OutputColumnName { get; init; } = "T";

    /// <summary>The output column: T of the reference [S,S,2]; (-2,-2) on the kept parts of the source and on background.</summary>
    public string ReferenceFlowColumnName { get; init; } = "ReferenceT";

    /// <summary>The output column: the map of the kept parts of the source [1,S,S].</summary>
    public string KeptMapColumnName { get; init; } = "KeptMap";

    /// <summary>The input column: the source's face index map [S,S].</summary>
    public string SourceFaceIndexColumnName { get; init; } = "SourceFaceIndex";

    /// <summary>The input column: the source's weight map [S,S,3].</summary>
    public string SourceWeightsColumnName { get; init; } = "SourceWeights";

    /// <summary>The input column: the picture points of the reference's faces [F,3,2].</summary>
    public string ReferencePointsColumnName { get; init; } = "ReferencePoints";

    /// <summary>The input column if <see cref="OnlyVisible"/>: the reference's face index map [S,S].</summary>
    public string ReferenceFaceIndexColumnName { get; init; } = "ReferenceFaceIndex";

    /// <summary>The parts to take from the reference, at least one: see <see cref="PartSelection"/>.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [PartSelection.Body];

    /// <summary>Whether faces that are not visible in the reference get (-2,-2) too.</summary>
    public bool OnlyVisible { get; init; }

    /// <summary>Whether <see cref="OnlyVisible"/> also leaves out the lowest face of a reference map without background, as the published
    /// release does.</summary>
    public bool OnlyVisibleAsPublished { get; init; }

    /// <summary>
    /// Whether -1 and 1 in the source's own T are the centres of the outermost pixels (true) or their outer edges (false). With the same
    /// value in <see cref="AssembleTransferInputOptions.AlignCorners"/>, sampling leaves the picture unchanged; the published release
    /// uses true with either sampling.
    /// </summary>
    public bool AlignCorners { get; init; } = true;

    internal override void Check()
    {
        ArgumentNullException.ThrowIfNull(Parts);
        if (Parts.Count == 0 || Parts.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException($"At least one part must be named, and none may be empty: "
                + $"{string.Join(", ", PartSelection.Groups)}.", nameof(Parts));
    }
}

/// <summary>Computes the two flows of appearance transfer: see <see cref="AppearanceFlow"/>.</summary>
internal sealed class ComputeAppearanceFlowTransformer : StageTransformer<ComputeAppearanceFlowOptions>
{
    internal const string Name = "ComputeAppearanceFlow";

    private const ColumnFacts MapFacts = ColumnFacts.Body | ColumnFacts.ImageSize;

    private readonly bool[] _taken;

    internal ComputeAppearanceFlowTransformer(IHostEnvironment environment, ComputeAppearanceFlowOptions options, BodyModel body)
        : base(environment, Name, options, body)
    {
        _taken = Faces(body, options);
        List<StageColumn> inputs =
        [
            StageColumn.Singles(options.ReferencePointsColumnName, "F,3,2", MapFacts),
            StageColumn.Integers(options.SourceFaceIndexColumnName, "S,S", MapFacts),
            StageColumn.Singles(options.SourceWeightsColumnName, "S,S,3", MapFacts),
        ];
        if (options.OnlyVisible)
            inputs.Add(StageColumn.Integers(options.ReferenceFaceIndexColumnName, "S,S", MapFacts));
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = inputs,
            Outputs =
            [
                StageColumn.Singles(options.OutputColumnName, "S,S,2", MapFacts),
                StageColumn.Singles(options.ReferenceFlowColumnName, "S,S,2", MapFacts),
                StageColumn.Singles(options.KeptMapColumnName, "1,S,S", MapFacts),
            ],
            Sizes = new Dictionary<string, int> { ["F"] = body.FaceCount },
            BodyHash = body.Hash,
        };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        float[] points = buffers.Input<float>(Options.ReferencePointsColumnName),
            weights = buffers.Input<float>(Options.SourceWeightsColumnName);
        int[] faceIndex = buffers.Input<int>(Options.SourceFaceIndexColumnName), seen = Options.OnlyVisible
            ? buffers.Input<int>(Options.ReferenceFaceIndexColumnName) : [];
        float[] own = buffers.Output<float>(Options.OutputColumnName), borrowed = buffers.Output<float>(Options.ReferenceFlowColumnName);
        float[] kept = buffers.Output<float>(Options.KeptMapColumnName);
        int size = buffers.Binding.Size("S");
        float[] visible = Options.OnlyVisible ? new float[points.Length] : points;
        bool[] flags = Options.OnlyVisible ? new bool[_taken.Length] : [];
        return new StageKernel(Compute: () =>
        {
            if (Options.OnlyVisible)
            {
                points.CopyTo(visible, 0);
                TransformationFlow.KeepVisible(visible, seen, flags, Options.OnlyVisibleAsPublished);
            }
            AppearanceFlow.Compute(visible, faceIndex, weights, _taken, size, Options.AlignCorners, own, borrowed, kept);
        });
    }

    private static bool[] Faces(BodyModel body, ComputeAppearanceFlowOptions options)
    {
        try
        {
            return PartSelection.Faces(body.Surface, options.Parts);
        }
        catch (BodyMismatchException e)
        {
            throw StageErrors.In(Name, null, e);
        }
    }
}
