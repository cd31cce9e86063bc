using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Persistence;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>What becomes of the visible face where the generator does not keep it by itself.</summary>
public enum FrontWarpMode
{
    /// <summary>The generator's picture stays.</summary>
    None,

    /// <summary>
    /// The warped source is blended over the facial front: pred + f (1 - m) (warp - pred). In an appearance transfer all parts that stay
    /// keep the source's pixels (<see cref="KeptPartsGenerator"/>).
    /// </summary>
    Blend,

    /// <summary>As the authors compose: (1 - f) pred + f (1 - m) warp, which darkens where the mask is not zero; exact for imported
    /// models.</summary>
    AsPublished,
}

/// <summary>What the person is composed over.</summary>
public enum TransferBackground
{
    /// <summary>The background as the generator makes it.</summary>
    Generated,

    /// <summary>Zeros, a middle grey: the published release's views.</summary>
    Nothing,

    /// <summary>
    /// picture * m + background * m, m the background input's mask (1 where the source is surely background) and background the
    /// generator's: the published release's views with a replaced background. It is 0 where the person stood and may leave [-1,1]; nothing
    /// is clamped before the picture has 8 bits.
    /// </summary>
    AddedToSource,
}

/// <summary>
/// Options of <c>GenerateTransfer</c>. Which of the columns are read depends on the generator; the texture warp reads the source's
/// picture, points and face index map, and the target's face index and weight maps.
/// </summary>
public sealed class GenerateTransferOptions : StageOptions
{
    /// <summary>What the names of the made columns begin with: prefix + Image, S x S; and where <see cref="WithLayers"/>, Color [3,S,S],
    /// Mask [1,S,S], Background [3,S,S].</summary>
    public string OutputPrefix { get; init; } = "Target";

    /// <summary>Whether the layers are columns too: colour, mask (1 is background) and background.</summary>
    public bool WithLayers { get; init; }

    /// <summary>What becomes of the visible face, for generators that do not keep it by themselves; then the warped source and the target's
    /// front map are read.</summary>
    public FrontWarpMode FrontWarp { get; init; } = FrontWarpMode.Blend;

    /// <summary>The source picture, S x S.</summary>
    public string SourceImageColumnName { get; init; } = "SourceImage";

    /// <summary>The picture points of the source's faces [F,3,2].</summary>
    public string SourcePointsColumnName { get; init; } = "SourcePoints";

    /// <summary>The source's face index map [S,S].</summary>
    public string SourceFaceIndexColumnName { get; init; } = "SourceFaceIndex";

    /// <summary>
    /// The column of where the person is by an estimator's account, a grid [M,M] over the square (EstimateSmpl's PersonMask); null for
    /// none. It is taken out of the background, and no pixel outside of it is shown as the person: the nearest one inside is, unless less
    /// than 60 % of the body's silhouette lies within the mask.
    /// </summary>
    public string? PersonMaskColumnName { get; init; }

    // False in models that earlier versions saved: with them the mask opens the background only.
    [JsonInclude]
    internal bool KeepsToPersonMask { get; init; } = true;

    /// <summary>The background input [4,S,S].</summary>
    public string BackgroundInputColumnName { get; init; } = "SourceBackgroundInput";

    /// <summary>The foreground input [6,S,S].</summary>
    public string ForegroundInputColumnName { get; init; } = "SourceForegroundInput";

    /// <summary>The transfer input [6,S,S].</summary>
    public string TransferInputColumnName { get; init; } = "TargetTransferInput";

    /// <summary>The transformation flow T [S,S,2].</summary>
    public string FlowColumnName { get; init; } = "T";

    /// <summary>The target's face index map [S,S].</summary>
    public string TargetFaceIndexColumnName { get; init; } = "TargetFaceIndex";

    /// <summary>The target's weight map [S,S,3].</summary>
    public string TargetWeightsColumnName { get; init; } = "TargetWeights";

    /// <summary>The warped source [3,S,S]; null for the source picture itself, as the published release takes it in an appearance
    /// transfer.</summary>
    public string? WarpedColumnName { get; init; } = "TargetWarped";

    /// <summary>The target's map of the facial front [1,S,S].</summary>
    public string FrontMapColumnName { get; init; } = "TargetFrontMap";

    /// <summary>Where the target's surface is seen in the source [1,S,S]: elsewhere the warped source shows something else, and
    /// <see cref="FrontWarpMode.Blend"/> leaves it out. Null for everywhere.</summary>
    public string? SeenMapColumnName { get; init; }

    /// <summary>Whether the source, in its own pose, takes parts of a reference: then the columns of the reference below are read, as the
    /// generator needs them.</summary>
    public bool WithReference { get; init; }

    /// <summary>The reference's picture, S x S.</summary>
    public string ReferenceImageColumnName { get; init; } = "ReferenceImage";

    /// <summary>The picture points of the reference's faces [F,3,2].</summary>
    public string ReferencePointsColumnName { get; init; } = "ReferencePoints";

    /// <summary>The reference's face index map [S,S].</summary>
    public string ReferenceFaceIndexColumnName { get; init; } = "ReferenceFaceIndex";

    /// <summary>The same as <see cref="PersonMaskColumnName"/> for the reference, a grid [R,R]; null for none.</summary>
    public string? ReferencePersonMaskColumnName { get; init; }

    /// <summary>The reference's foreground input [6,S,S].</summary>
    public string ReferenceForegroundInputColumnName { get; init; } = "ReferenceForegroundInput";

    /// <summary>The flow that samples the reference [S,S,2].</summary>
    public string ReferenceFlowColumnName { get; init; } = "ReferenceT";

    /// <summary>Where the source's parts stay [1,S,S].</summary>
    public string KeptMapColumnName { get; init; } = "KeptMap";

    /// <summary>
    /// Whether the photograph's own pixels stay where the target is near the source: in the source's own pose the result is the photograph,
    /// and with one arm moved the rest is. Reads the source's picture, points, face index and weight maps, the target's too, and
    /// <see cref="PersonMaskColumnName"/>. Not for an appearance transfer, where the parts that stay keep their pixels anyway.
    /// Models that were saved before go on without.
    /// </summary>
    public bool KeepsNearSource { get; init; }

    /// <summary>The source's weight map [S,S,3]; read with <see cref="KeepsNearSource"/>.</summary>
    public string SourceWeightsColumnName { get; init; } = "SourceWeights";

    /// <summary>The picture points of the target's faces [F,3,2]; read with <see cref="KeepsNearSource"/>.</summary>
    public string TargetPointsColumnName { get; init; } = "TargetPoints";

    /// <summary>
    /// How what the source's person hides is filled, by the texture warp and by generators whose network does not paint the background by
    /// itself. Default <see cref="BackgroundFill.Patches"/>; models that were saved before go on with <see cref="BackgroundFill.Smooth"/>.
    /// </summary>
    public BackgroundFill BackgroundFill { get; init; }

    /// <summary>What the person is composed over; <see cref="TransferBackground.AddedToSource"/> reads the background input.</summary>
    public TransferBackground Background { get; init; }

    /// <summary>A colour that replaces the background; null where the source's background stays.</summary>
    public Rgb? BackgroundColor { get; init; }

    /// <summary>A picture, S x S, that replaces the background; null where the source's background stays.</summary>
    public string? BackgroundImageColumnName { get; init; }

    internal override void Check()
    {
        ArgumentNullException.ThrowIfNull(OutputPrefix);
        CheckEnum(FrontWarp, nameof(FrontWarp));
        CheckEnum(Background, nameof(Background));
        CheckEnum(BackgroundFill, nameof(BackgroundFill));
        if (BackgroundColor is not null && BackgroundImageColumnName is not null)
            throw new ArgumentException($"The background is replaced by a colour or by the picture in '{BackgroundImageColumnName}', not "
                + $"by both.", nameof(BackgroundColor));
        if (Background != TransferBackground.Generated && (BackgroundColor is not null || BackgroundImageColumnName is not null))
            throw new ArgumentException($"A colour or a picture replaces the background that the generator makes; "
                + $"{nameof(Background)} is {Background}.", nameof(Background));
        if (KeepsNearSource && (WithReference || Background != TransferBackground.Generated))
            throw new ArgumentException($"{nameof(KeepsNearSource)} excludes {nameof(WithReference)} and other backgrounds than "
                + $"{nameof(TransferBackground.Generated)}, a colour or a picture.", nameof(KeepsNearSource));
        if (ReferencePersonMaskColumnName is not null && !WithReference)
            throw new ArgumentException($"{nameof(ReferencePersonMaskColumnName)} needs {nameof(WithReference)}.",
                nameof(ReferencePersonMaskColumnName));
    }
}

/// <summary>Generates the picture of the source person in the target's pose: see <see cref="TransferGenerator"/>.</summary>
internal sealed class GenerateTransferTransformer : StageTransformer<GenerateTransferOptions>
{
    internal const string Name = "GenerateTransfer";

    private const ColumnFacts MapFacts = ColumnFacts.Body | ColumnFacts.ImageSize;

    private readonly TransferGenerator _own, _generator;
    private readonly bool _keepsFace;

    // What is read of the source: for the generator, for the background and for the front.
    private readonly TransferTensors _source;

    // And of the target.
    private readonly TransferTensors _target;

    internal GenerateTransferTransformer(IHostEnvironment environment, GenerateTransferOptions options, TransferGenerator generator)
        : base(environment, Name, options, BodyOf(generator), NetworkOf(generator) is { } network
        ? new StageNetwork(network.Package, network.Runtime) : null)
    {
        _own = generator;
        _generator = generator = options.WithReference ? Appearance(generator.ForAppearance(), options.FrontWarp) : generator;
        _keepsFace = generator.KeepsVisibleFace || options.FrontWarp == FrontWarpMode.None;
        var inputs = new List<StageColumn>();
        _source = generator.SourceTensors;
        if (options.Background == TransferBackground.AddedToSource)
            _source |= TransferTensors.BackgroundInput;
        if (!_keepsFace && options.WarpedColumnName is null)
            _source |= TransferTensors.SourceImage;
        _target = generator.TargetTensors;
        if (options.KeepsNearSource)
        {
            _source |= TransferTensors.SourceImage | TransferTensors.SourcePoints | TransferTensors.SourceFaceIndex;
            _target |= TransferTensors.TargetFaceIndex | TransferTensors.TargetWeights;
        }
        TransferTensors source = _source;
        foreach ((TransferTensors tensor, StageColumn column) in Columns(options, source))
        {
            if ((source | _target).HasFlag(tensor))
                inputs.Add(column);
        }
        if (options.KeepsNearSource)
        {
            inputs.Add(StageColumn.Singles(options.SourceWeightsColumnName, "S,S,3", MapFacts, ofSource: true));
            inputs.Add(StageColumn.Singles(options.TargetPointsColumnName, "F,3,2", ColumnFacts.Body));
        }
        inputs.AddRange(StageColumn.PersonMask(options.PersonMaskColumnName));
        inputs.AddRange(StageColumn.PersonMask(options.ReferencePersonMaskColumnName, "R,R"));
        if (!_keepsFace)
        {
            if (options.SeenMapColumnName is { } seen && options.FrontWarp == FrontWarpMode.Blend)
                inputs.Add(StageColumn.Singles(seen, "1,S,S", MapFacts));
            if (options.WarpedColumnName is { } warped)
                inputs.Add(StageColumn.Singles(warped, "3,S,S", MapFacts | ColumnFacts.AlignCorners));
            inputs.Add(StageColumn.Singles(options.FrontMapColumnName, "1,S,S", MapFacts));
        }
        if (options.BackgroundImageColumnName is { } plate)
            inputs.Add(StageColumn.Image(plate, "S,S"));
        List<StageColumn> outputs = [StageColumn.Image(options.OutputPrefix + "Image", "S,S")];
        if (options.WithLayers)
        {
            outputs.Add(StageColumn.Singles(options.OutputPrefix + "Color", "3,S,S", ColumnFacts.ImageSize));
            outputs.Add(StageColumn.Singles(options.OutputPrefix + "Mask", "1,S,S", ColumnFacts.ImageSize));
            outputs.Add(StageColumn.Singles(options.OutputPrefix + "Background", "3,S,S", ColumnFacts.ImageSize));
        }
        Signature = new StageSignature { Stage = Name, Inputs = inputs, Outputs = outputs, BodyHash = generator.BodyHash,
            AlignCorners = generator.AlignCorners };
    }

    /// <summary>The generator, to be used in other chains too.</summary>
    public TransferGenerator Generator => _own;

    internal override StageSignature Signature { get; }

    internal override GeneratorKind? GeneratorKind => _own switch
    {
        TextureWarpGenerator => Persistence.GeneratorKind.TextureWarp,
        LiquidWarpingGenerator => Persistence.GeneratorKind.LiquidWarping,
        SharpGenerator => Persistence.GeneratorKind.Sharp,
        _ => null,
    };

    internal static void CompleteOptions(JsonObject options)
    {
        options.TryAdd(nameof(GenerateTransferOptions.KeepsToPersonMask), false);
        options.TryAdd(nameof(GenerateTransferOptions.BackgroundFill), nameof(BackgroundFill.Smooth));
    }

    internal override StageKernel CreateKernel(StageBuffers buffers) =>
        new GenerateTransferKernel(buffers, Options, _generator, _source | _target, !_keepsFace, KnownBody()).Kernel;

    internal override void CheckSavable()
    {
        if (Body is null && Network is null)
            throw new NotSupportedException(
                $"Stage '{Title}' can be saved with the library's own generators only, but it has a {_own.GetType().Name}.");
    }

    /// <summary>The generator of a saved stage.</summary>
    internal static TransferGenerator GeneratorOf(StageState state) => state.Generator switch
    {
        Persistence.GeneratorKind.TextureWarp => new TextureWarpGenerator(state.Body),
        Persistence.GeneratorKind.Sharp => new SharpGenerator(state.Body, Learned(state)),
        _ => Learned(state),
    };

    private static LiquidWarpingGenerator Learned(StageState state) => new(state.NeededNetwork.Package, state.NeededNetwork.Runtime);

    private static BodyModel? BodyOf(TransferGenerator generator) => generator switch
    {
        TextureWarpGenerator texture => texture.Body,
        SharpGenerator sharp => sharp.Body,
        _ => null,
    };

    // A learned generator alone knows its body by the hash only.
    private BodyModel? KnownBody() => Body ?? (_own.BodyHash == BodyModel.Default.Hash ? BodyModel.Default : null);

    private static LiquidWarpingGenerator? NetworkOf(TransferGenerator generator) =>
        generator as LiquidWarpingGenerator ?? (generator as SharpGenerator)?.Network;

    private static TransferGenerator Appearance(TransferGenerator generator, FrontWarpMode mode) =>
        generator.KeepsVisibleFace || mode != FrontWarpMode.Blend ? generator : new KeptPartsGenerator(generator);

    private static IEnumerable<(TransferTensors Tensor, StageColumn Column)> Columns(GenerateTransferOptions options,
        TransferTensors source)
    {
        yield return Singles(TransferTensors.SourcePoints, options.SourcePointsColumnName, "F,3,2");
        yield return Integers(TransferTensors.SourceFaceIndex, options.SourceFaceIndexColumnName);
        yield return Singles(TransferTensors.BackgroundInput, options.BackgroundInputColumnName, "4,S,S");
        yield return Singles(TransferTensors.ForegroundInput, options.ForegroundInputColumnName, "6,S,S");
        yield return Singles(TransferTensors.TransferInput, options.TransferInputColumnName, "6,S,S", ColumnFacts.AlignCorners);
        yield return Singles(TransferTensors.Flow, options.FlowColumnName, "S,S,2");
        yield return Integers(TransferTensors.TargetFaceIndex, options.TargetFaceIndexColumnName);
        yield return Singles(TransferTensors.TargetWeights, options.TargetWeightsColumnName, "S,S,3");
        yield return Singles(TransferTensors.ReferencePoints, options.ReferencePointsColumnName, "F,3,2");
        yield return Integers(TransferTensors.ReferenceFaceIndex, options.ReferenceFaceIndexColumnName);
        yield return Singles(TransferTensors.ReferenceForegroundInput, options.ReferenceForegroundInputColumnName, "6,S,S");
        yield return Singles(TransferTensors.ReferenceFlow, options.ReferenceFlowColumnName, "S,S,2");
        yield return Singles(TransferTensors.KeptMap, options.KeptMapColumnName, "1,S,S");
        yield return (TransferTensors.ReferenceImage,
            StageColumn.Image(options.ReferenceImageColumnName, "S,S", source.HasFlag(TransferTensors.ReferenceImage)));
        yield return (TransferTensors.SourceImage,
            StageColumn.Image(options.SourceImageColumnName, "S,S", source.HasFlag(TransferTensors.SourceImage)));

        (TransferTensors, StageColumn) Singles(TransferTensors tensor, string name, string dimensions,
            ColumnFacts more = ColumnFacts.None) =>
            (tensor, StageColumn.Singles(name, dimensions, MapFacts | more, source.HasFlag(tensor)));

        (TransferTensors, StageColumn) Integers(TransferTensors tensor, string name) =>
            (tensor, StageColumn.Integers(name, "S,S", MapFacts, source.HasFlag(tensor)));
    }
}
