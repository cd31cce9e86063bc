using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Persistence;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>How the visible face is kept if the generator does not keep it itself.</summary>
public enum FrontWarpMode
{
    /// <summary>The generator's picture is unchanged.</summary>
    None,

    /// <summary>The warped source is blended over the facial front: pred + f (1 - m) (warp - pred). In appearance transfer, all kept
    /// parts show the source's pixels (<see cref="KeptPartsGenerator"/>).</summary>
    Blend,

    /// <summary>The composition of the authors: (1 - f) pred + f (1 - m) warp, which darkens where the mask is not zero; exact for
    /// imported models.</summary>
    AsPublished,
}

/// <summary>The background of the person.</summary>
public enum TransferBackground
{
    /// <summary>The background from the generator.</summary>
    Generated,

    /// <summary>Zeros, a medium grey, as in the views of the published release.</summary>
    Nothing,

    /// <summary>
    /// picture * m + background * m, as in the views of the published release with a replaced background: m is the mask of the background
    /// input (1 where the source is certainly background), background is the generator's. The result is 0 at the place of the person and
    /// can exceed [-1,1]; values are clamped only on conversion to 8 bits.
    /// </summary>
    AddedToSource,
}

/// <summary>Options of <c>GenerateTransfer</c>. The columns that are read depend on the generator. The texture warp reads the source's
/// picture, points and face index map, and the target's face index and weight maps.</summary>
public sealed class GenerateTransferOptions : StageOptions
{
    /// <summary>The prefix of the output columns: prefix + Image, S x S; with <see cref="WithLayers"/> also Color [3,S,S], Mask [1,S,S],
    /// Background [3,S,S].</summary>
    public string OutputPrefix { get; init; } = "Target";

    /// <summary>Whether the layers are columns too: colour, mask (1 is background) and background.</summary>
    public bool WithLayers { get; init; }

    /// <summary>How the visible face is kept, for generators that do not keep it themselves; this reads the warped source and the
    /// target's front map.</summary>
    public FrontWarpMode FrontWarp { get; init; } = FrontWarpMode.Blend;

    /// <summary>The source picture, S x S.</summary>
    public string SourceImageColumnName { get; init; } = "SourceImage";

    /// <summary>The picture points of the source's faces [F,3,2].</summary>
    public string SourcePointsColumnName { get; init; } = "SourcePoints";

    /// <summary>The source's face index map [S,S].</summary>
    public string SourceFaceIndexColumnName { get; init; } = "SourceFaceIndex";

    /// <summary>
    /// The column of an estimator's person mask, a grid [M,M] over the square (EstimateSmpl's PersonMask); null for none. The mask is
    /// removed from the background. Pixels outside the mask are not used as the person; the nearest pixel inside is used instead, unless
    /// the mask covers less than 60 % of the body's silhouette.
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

    /// <summary>The warped source [3,S,S]; null for the source picture itself, as in appearance transfer of the published
    /// release.</summary>
    public string? WarpedColumnName { get; init; } = "TargetWarped";

    /// <summary>The target's map of the facial front [1,S,S].</summary>
    public string FrontMapColumnName { get; init; } = "TargetFrontMap";

    /// <summary>The map of the target's surface that is visible in the source [1,S,S]. Elsewhere the warped source shows something else,
    /// and <see cref="FrontWarpMode.Blend"/> does not use it. Null for everywhere.</summary>
    public string? SeenMapColumnName { get; init; }

    /// <summary>Whether the source, in its own pose, takes parts from a reference. The reference columns below are then read as the
    /// generator needs them.</summary>
    public bool WithReference { get; init; }

    /// <summary>The reference's picture, S x S.</summary>
    public string ReferenceImageColumnName { get; init; } = "ReferenceImage";

    /// <summary>The picture points of the reference's faces [F,3,2].</summary>
    public string ReferencePointsColumnName { get; init; } = "ReferencePoints";

    /// <summary>The reference's face index map [S,S].</summary>
    public string ReferenceFaceIndexColumnName { get; init; } = "ReferenceFaceIndex";

    /// <summary>The reference's person mask, a grid [R,R]; null for none. See <see cref="PersonMaskColumnName"/>.</summary>
    public string? ReferencePersonMaskColumnName { get; init; }

    /// <summary>The reference's foreground input [6,S,S].</summary>
    public string ReferenceForegroundInputColumnName { get; init; } = "ReferenceForegroundInput";

    /// <summary>The flow that samples the reference [S,S,2].</summary>
    public string ReferenceFlowColumnName { get; init; } = "ReferenceT";

    /// <summary>The map of the kept parts of the source [1,S,S].</summary>
    public string KeptMapColumnName { get; init; } = "KeptMap";

    /// <summary>
    /// Whether the photograph's own pixels are kept where the target is near the source. In the source's own pose the result is the
    /// photograph; if only one arm moves, all pixels that the movement does not affect are those of the photograph. Reads the source's
    /// picture, the points, face index and weight maps of source and target, and <see cref="PersonMaskColumnName"/>. Not allowed in
    /// appearance transfer, where kept parts keep their pixels anyway. False in models saved before this option existed.
    /// </summary>
    public bool KeepsNearSource { get; init; }

    /// <summary>The source's weight map [S,S,3]; read with <see cref="KeepsNearSource"/>.</summary>
    public string SourceWeightsColumnName { get; init; } = "SourceWeights";

    /// <summary>The picture points of the target's faces [F,3,2]; read with <see cref="KeepsNearSource"/>.</summary>
    public string TargetPointsColumnName { get; init; } = "TargetPoints";

    /// <summary>
    /// How the background behind the source's person is filled, by the texture warp and by generators whose network does not paint the
    /// background. Default <see cref="BackgroundFill.Patches"/>; <see cref="BackgroundFill.Smooth"/> in models saved before this option
    /// existed.
    /// </summary>
    public BackgroundFill BackgroundFill { get; init; }

    /// <summary>
    /// Whether the shadows around the source's feet move with the feet. They are estimated from the floor beside the feet; a floor that
    /// does not show such shadows stays as it is. Needs <see cref="KeepsNearSource"/> and the source's own background; has no effect if
    /// the body has no marked parts. False in models saved before this option existed.
    /// </summary>
    public bool MovesContactShadows { get; init; }

    /// <summary>The background of the person; <see cref="TransferBackground.AddedToSource"/> reads the background input.</summary>
    public TransferBackground Background { get; init; }

    /// <summary>The colour that replaces the background; null to keep the source's background.</summary>
    public Rgb? BackgroundColor { get; init; }

    /// <summary>The column of a picture, S x S, that replaces the background; null to keep the source's background.</summary>
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
            throw new ArgumentException($"A colour or a picture replaces the generated background; "
                + $"{nameof(Background)} is {Background}.", nameof(Background));
        if (KeepsNearSource && (WithReference || Background != TransferBackground.Generated))
            throw new ArgumentException($"{nameof(KeepsNearSource)} excludes {nameof(WithReference)} and other backgrounds than "
                + $"{nameof(TransferBackground.Generated)}, a colour or a picture.", nameof(KeepsNearSource));
        if (MovesContactShadows && (!KeepsNearSource || BackgroundColor is not null || BackgroundImageColumnName is not null))
            throw new ArgumentException($"{nameof(MovesContactShadows)} needs {nameof(KeepsNearSource)} and the source's own background.",
                nameof(MovesContactShadows));
        if (ReferencePersonMaskColumnName is not null && !WithReference)
            throw new ArgumentException($"{nameof(ReferencePersonMaskColumnName)} needs {nameof(WithReference)}.",
                nameof(ReferencePersonMaskColumnName));
    }
}

/// <summary>Generates the picture of the source person in the target pose: see <see cref="TransferGenerator"/>.</summary>
internal sealed class GenerateTransferTransformer : StageTransformer<GenerateTransferOptions>
{
    internal const string Name = "GenerateTransfer";

    private const ColumnFacts MapFacts = ColumnFacts.Body | ColumnFacts.ImageSize;

    private readonly TransferGenerator _own, _generator;
    private readonly bool _keepsFace;

    // The source tensors that are read: for the generator, the background and the front.
    private readonly TransferTensors _source;

    // The target tensors that are read.
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

    /// <summary>The generator, for use in other chains.</summary>
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
                $"Stage '{Title}' can be saved with built-in generator types only, but it has a {_own.GetType().Name}.");
    }

    /// <summary>Creates the generator of a saved stage.</summary>
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

    // A learned generator on its own has only the hash of its body.
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
