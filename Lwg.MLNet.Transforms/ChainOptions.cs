using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms.Stages;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of RecoverBodyFlow; validated by the stages.</summary>
public sealed class RecoverBodyFlowOptions
{
    /// <summary>S, the size of the pictures, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>The side of the square kernel that erodes the backgrounds: 15 in training; odd, 1 to 255.</summary>
    public int BackgroundKernel { get; init; } = 15;

    /// <summary>How the source is sampled: see <see cref="AssembleTransferInputOptions.AlignCorners"/>.</summary>
    public bool AlignCorners { get; init; } = true;

    /// <summary>Whether faces that are not visible in the source are omitted from T.</summary>
    public bool OnlyVisible { get; init; }

    /// <summary>Whether the columns of intermediate stages are kept: bodies and their maps.</summary>
    public bool KeepIntermediate { get; init; }

    internal IReadOnlyList<string> Intermediate =>
        ChainColumns.Hidden(KeepIntermediate, ["Source", "Reference"],
        ["Vertices", .. ChainColumns.Posed, .. ChainColumns.Drawn, "Warped"]);
}

/// <summary>Common options of the chains in <see cref="Microsoft.ML.LwgTransformsCatalog"/> that create pictures.</summary>
public abstract class TransferChainOptions
{
    /// <summary>S, the size of the pictures, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>
    /// Whether the chain follows the published release wherever other options are not set, for imported generators: no sharpening, no
    /// front warp, masks eroded at every size with the kernel of the training, and the further defaults that the options of each chain
    /// describe. The generator must be a <see cref="LiquidWarpingGenerator"/> that creates the whole background.
    /// </summary>
    public bool AsPublished { get; init; }

    /// <summary>The side of the square kernel that erodes the background, larger for loose clothes; odd, 1 to 255. Null for the value
    /// that the generator was trained with, or 13 if the generator does not depend on it.</summary>
    public int? BackgroundKernel { get; init; }

    /// <summary>How the source is sampled: see <see cref="AssembleTransferInputOptions.AlignCorners"/>. Null for the value that the
    /// generator was trained with, or true if the generator does not depend on it.</summary>
    public bool? AlignCorners { get; init; }

    /// <summary>Whether faces that are not visible in the source (in appearance transfer, the reference) are omitted from its T. With
    /// <see cref="AsPublished"/>, the lowest face is omitted too if the map has no background.</summary>
    public bool OnlyVisible { get; init; }

    /// <summary>Whether the columns of intermediate stages are kept: bodies, their maps, T, the inputs of the networks. Otherwise the
    /// chain creates only its result.</summary>
    public bool KeepIntermediate { get; init; }

    /// <summary>Whether the layers of the result are columns too: TargetColor, TargetMask, TargetBackground.</summary>
    public bool WithLayers { get; init; }

    /// <summary>
    /// The column of the source's person mask, a grid [M,M] over the square (EstimateSmpl's PersonMask); null for none. The mask, and
    /// S/64 around it, is then removed from the background. Pixels outside the mask are not used as the person, however wide the body is:
    /// the nearest pixel inside is used instead. The outermost two pixels of 256, which are mixed with background, provide no colour. A
    /// mask that covers less than 60 % of the body's silhouette is treated as a mask of something else and replaces no pixels;
    /// <see cref="MeasureTransferQualityOptions.MinimumSilhouetteOverlap"/> detects such rows. With <see cref="AsPublished"/> or
    /// <see cref="FrontWarpMode.AsPublished"/>, the inputs of the networks use the mask for the background only.
    /// </summary>
    public string? PersonMaskColumnName { get; init; }

    /// <summary>
    /// Whether the photograph's own pixels are kept where the target is near the source
    /// (<see cref="GenerateTransferOptions.KeepsNearSource"/>). Default true. It has no effect with <see cref="AsPublished"/>, in
    /// appearance transfer, or over a <see cref="TransferBackground"/> other than the generated one.
    /// </summary>
    public bool KeepsNearSource { get; init; } = true;

    /// <summary>How the background behind the source's person is filled: see
    /// <see cref="GenerateTransferOptions.BackgroundFill"/>.</summary>
    public BackgroundFill BackgroundFill { get; init; }

    /// <summary>
    /// Whether the shadows around the source's feet move with the feet (<see cref="GenerateTransferOptions.MovesContactShadows"/>).
    /// Default true. It has an effect only with <see cref="KeepsNearSource"/> and on the source's own background.
    /// </summary>
    public bool MovesContactShadows { get; init; } = true;

    /// <summary>The colour that replaces the source's background; null for none.</summary>
    public Rgb? BackgroundColor { get; init; }

    /// <summary>The column of a picture, S x S, that replaces the source's background; null for none.</summary>
    public string? BackgroundImageColumnName { get; init; }

    /// <summary>
    /// How to handle a row whose status columns report that a person was not found. <see cref="UnclearPerson.Refuse"/>, the default, and
    /// <see cref="UnclearPerson.Accept"/> do not read the status columns: the row is computed, unless FindPerson has already reported an
    /// error. With <see cref="UnclearPerson.Report"/>, nothing is computed for such a row: its numeric values are 0, and its images are
    /// missing.
    /// </summary>
    public UnclearPerson OnUnclear { get; init; }

    /// <summary>The status columns of FindPerson that are read if <see cref="OnUnclear"/> is <see cref="UnclearPerson.Report"/>. Null for
    /// SourcePersonStatus, in appearance transfer also ReferencePersonStatus.</summary>
    public IReadOnlyList<string>? StatusColumnNames { get; init; }

    private protected TransferChainOptions()
    {
    }

    /// <summary>Returns the information about the chain for its stages: its name and the status columns to read.</summary>
    internal StageChain Chain(string name, params IReadOnlyList<string> people) =>
        new(name, OnUnclear != UnclearPerson.Report ? [] : StatusColumnNames ?? [.. people.Select(p => p + "PersonStatus")]);

    /// <summary>The intermediate columns that are hidden from the result.</summary>
    internal IReadOnlyList<string> Intermediate => ChainColumns.Hidden(
        KeepIntermediate,
        ["Source", "Reference", "Target", "Upright"],
        ["Vertices", .. ChainColumns.Posed, .. ChainColumns.Drawn, .. ChainColumns.Assembled],
        ["T", "ReferenceT", "KeptMap", "SeenMap", "UprightSmpl"]);

    /// <summary>Returns the front warp that an option selects, or the default if it is null.</summary>
    internal FrontWarpMode ModeOf(FrontWarpMode? chosen) => chosen ?? (AsPublished ? FrontWarpMode.None : FrontWarpMode.Blend);

    /// <summary>Returns the side of the square kernel that erodes the background.</summary>
    internal int KernelFor(TransferGenerator generator) => BackgroundKernel
        ?? (AsPublished && generator is LiquidWarpingGenerator published ? published.Package.Manifest.BackgroundKernel : AsPublished ? null
        : generator.BackgroundKernel(ImageSize)) ?? 13;

    /// <summary>Returns the generator that the options select: the given one, or a sharp generator over it.</summary>
    /// <param name="generator">The given generator.</param>
    /// <param name="body">The body.</param>
    /// <param name="sharp">Whether to add the source's detail; null to derive it from the other options.</param>
    /// <param name="frontWarp">The selected front warp.</param>
    /// <exception cref="ArgumentException">Options are mutually exclusive.</exception>
    internal TransferGenerator Choose(TransferGenerator generator, BodyModel body, bool? sharp, FrontWarpMode? frontWarp)
    {
        CheckPublished(generator);
        bool ownInputs = AsPublished || BackgroundKernel is not null || AlignCorners is not null || OnlyVisible;
        if (sharp == true && (ownInputs || frontWarp == FrontWarpMode.AsPublished))
            throw new ArgumentException($"Sharp assembles the network's inputs as it was trained and keeps the face; "
                + $"{nameof(AsPublished)}, {nameof(BackgroundKernel)}, {nameof(AlignCorners)}, {nameof(OnlyVisible)} and "
                + $"{nameof(FrontWarpMode.AsPublished)} exclude it.");
        return (sharp ?? (!ownInputs && ModeOf(frontWarp) == FrontWarpMode.Blend)) && generator is LiquidWarpingGenerator learned
            ? new SharpGenerator(body, learned) : generator;
    }

    /// <summary>Throws if the generator cannot work as published but the options require it.</summary>
    /// <exception cref="ArgumentException"><see cref="AsPublished"/> is set, and the generator does not support it.</exception>
    internal void CheckPublished(TransferGenerator generator)
    {
        if (!AsPublished)
            return;
        if (generator is TextureWarpGenerator or SharpGenerator)
            throw new ArgumentException($"{nameof(AsPublished)} applies to a {nameof(LiquidWarpingGenerator)} only; a "
                + $"{generator.GetType().Name} composes in its own way.", nameof(generator));
        if (generator is LiquidWarpingGenerator { Package: { Manifest.Background: not (BackgroundComposition.WholePicture
            or BackgroundComposition.Inpainted) and var background } package })
            throw new ArgumentException($"{nameof(AsPublished)} needs a generator whose network creates the whole background, but that of "
                + $"'{package.Source}' is {background}.", nameof(generator));
    }
}

/// <summary>Options of ImitateMotion; validated by the stages.</summary>
public sealed class ImitateMotionOptions : TransferChainOptions
{
    /// <summary>How the camera of the target is chosen.</summary>
    public CameraStrategy Strategy { get; init; } = CameraStrategy.Smooth;

    /// <summary>With <see cref="CameraStrategy.Copy"/>: how the reference's place in its picture is mapped to SourcePhoto; see
    /// <see cref="RetargetSmplOptions.Place"/>. Null to copy the camera parameters.</summary>
    public PersonPlace? Place { get; init; }

    /// <summary>The column of width and height [2] of the reference's picture; see
    /// <see cref="RetargetSmplOptions.ReferenceSizeColumnName"/>.</summary>
    public string? ReferenceSizeColumnName { get; init; }

    /// <summary>The column of the crop transform [6] of the reference's square; see
    /// <see cref="RetargetSmplOptions.ReferenceCropTransformColumnName"/>.</summary>
    public string? ReferenceCropTransformColumnName { get; init; }

    /// <summary>How the visible face is kept, for generators that do not keep it themselves. Null for <see cref="FrontWarpMode.Blend"/>,
    /// or <see cref="FrontWarpMode.None"/> with <see cref="TransferChainOptions.AsPublished"/>.</summary>
    public FrontWarpMode? FrontWarp { get; init; }

    /// <summary>
    /// Whether detail of the source is added to a learned generator's picture where it is visible (<see cref="SharpGenerator"/>). If
    /// true, <see cref="TransferChainOptions.ImageSize"/> may be larger than the pictures of the training, at little cost, and the
    /// visible face is kept. Null for true, unless <see cref="FrontWarp"/> is not <see cref="FrontWarpMode.Blend"/> or an option changes
    /// the inputs of the training, which excludes it: <see cref="TransferChainOptions.AsPublished"/>,
    /// <see cref="TransferChainOptions.BackgroundKernel"/>, <see cref="TransferChainOptions.AlignCorners"/>,
    /// <see cref="TransferChainOptions.OnlyVisible"/>.
    /// </summary>
    public bool? Sharp { get; init; }

    /// <summary>Returns the generator that the options select.</summary>
    /// <exception cref="ArgumentException">Options are mutually exclusive.</exception>
    internal TransferGenerator Choose(TransferGenerator generator, BodyModel body) => Choose(generator, body, Sharp, FrontWarp);
}

/// <summary>Options of TransferAppearance; validated by the stages.</summary>
public sealed class TransferAppearanceOptions : TransferChainOptions
{
    /// <summary>The parts to take from the reference, at least one: head, torso, arms, legs, hands, feet, upper, lower, body (all but the
    /// head), all, or the name of a part of the body model.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [PartSelection.Body];

    /// <summary>The column of the reference's person mask, a grid [R,R], possibly of another size; null for none. See
    /// <see cref="TransferChainOptions.PersonMaskColumnName"/>.</summary>
    public string? ReferencePersonMaskColumnName { get; init; }

    /// <summary>
    /// How the source's kept parts are composed, for generators that do not keep their pixels themselves.
    /// <see cref="FrontWarpMode.AsPublished"/> composes the source picture over the facial front of the source's own map, independent of
    /// the kept parts. Null for <see cref="FrontWarpMode.Blend"/>, or <see cref="FrontWarpMode.None"/> with
    /// <see cref="TransferChainOptions.AsPublished"/>.
    /// </summary>
    public FrontWarpMode? KeptParts { get; init; }

    /// <summary>
    /// Whether -1 and 1 in T on the kept parts are the centres of the outermost pixels: see
    /// <see cref="ComputeAppearanceFlowOptions.AlignCorners"/>. Null for the setting it is sampled with, or true with
    /// <see cref="TransferChainOptions.AsPublished"/>.
    /// </summary>
    public bool? KeptAlignCorners { get; init; }
}

/// <summary>The pose of a person in a new view.</summary>
public enum ViewPose
{
    /// <summary>The source's pose.</summary>
    Source,

    /// <summary>Upright with horizontal arms, facing the viewer before the rotation of the view.</summary>
    TPose,
}

/// <summary>Options of SynthesizeView; validated by the stages.</summary>
public sealed class SynthesizeViewOptions : TransferChainOptions
{
    /// <summary>The pose of the person.</summary>
    public ViewPose Pose { get; init; } = ViewPose.Source;

    /// <summary>The column of the angles of the view about x, y and z [3], in degrees.</summary>
    public string AnglesColumnName { get; init; } = "ViewAngles";

    /// <summary>The column of the translation after the rotation [3], in metres; null for none.</summary>
    public string? TranslationColumnName { get; init; } = "ViewTranslation";

    /// <summary>How the visible face is kept, for generators that do not keep it themselves. Null for <see cref="FrontWarpMode.Blend"/>,
    /// or <see cref="FrontWarpMode.None"/> with <see cref="TransferChainOptions.AsPublished"/>.</summary>
    public FrontWarpMode? FrontWarp { get; init; }

    /// <summary>Whether detail of the source is added to a learned generator's picture where it is visible: see
    /// <see cref="ImitateMotionOptions.Sharp"/>.</summary>
    public bool? Sharp { get; init; }

    /// <summary>
    /// The background of the person if neither a colour nor a picture replaces it. Null for <see cref="TransferBackground.Generated"/>,
    /// or <see cref="TransferBackground.Nothing"/> with <see cref="TransferChainOptions.AsPublished"/>; the replaced background of the
    /// published release is <see cref="TransferBackground.AddedToSource"/>.
    /// </summary>
    public TransferBackground? Background { get; init; }

    /// <summary>The background of the person, with the default resolved.</summary>
    internal TransferBackground BackgroundOrDefault => Background
        ?? (AsPublished && BackgroundColor is null && BackgroundImageColumnName is null ? TransferBackground.Nothing
        : TransferBackground.Generated);
}
