using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms.Stages;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of RecoverBodyFlow; the stages check them.</summary>
public sealed class RecoverBodyFlowOptions
{
    /// <summary>S, the size of the pictures, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>The side of the square by which the backgrounds are eroded: 15 in training; odd, 1 to 255.</summary>
    public int BackgroundKernel { get; init; } = 15;

    /// <summary>How the source is sampled: see <see cref="AssembleTransferInputOptions.AlignCorners"/>.</summary>
    public bool AlignCorners { get; init; } = true;

    /// <summary>Whether faces that the source does not show are left out of T.</summary>
    public bool OnlyVisible { get; init; }

    /// <summary>Whether the columns of the stages in between are kept: bodies and their maps.</summary>
    public bool KeepIntermediate { get; init; }

    internal IReadOnlyList<string> Intermediate =>
        ChainColumns.Hidden(KeepIntermediate, ["Source", "Reference"],
        ["Vertices", .. ChainColumns.Posed, .. ChainColumns.Drawn, "Warped"]);
}

/// <summary>What the chains of <see cref="Microsoft.ML.LwgTransformsCatalog"/> that make pictures have in common.</summary>
public abstract class TransferChainOptions
{
    /// <summary>S, the size of the pictures, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>
    /// The published release's way in everything that other options leave open, for imported generators: nothing is sharpened, no front is
    /// warped unless it is asked for, masks are eroded at every size by the square of the training, and what else the job's options name.
    /// The generator must be a <see cref="LiquidWarpingGenerator"/> that makes its whole background, or a user's own.
    /// </summary>
    public bool AsPublished { get; init; }

    /// <summary>The side of the square by which the background is eroded, larger for loose clothes; odd, 1 to 255. Null for what the
    /// generator was trained with, and 13 where that does not matter.</summary>
    public int? BackgroundKernel { get; init; }

    /// <summary>How the source is sampled: see <see cref="AssembleTransferInputOptions.AlignCorners"/>. Null for what the generator was
    /// trained with, and true where that does not matter.</summary>
    public bool? AlignCorners { get; init; }

    /// <summary>Whether faces that the source (in appearance transfer the reference) does not show are left out of its T;
    /// <see cref="AsPublished"/>, on a map without background, the lowest face too.</summary>
    public bool OnlyVisible { get; init; }

    /// <summary>Whether the columns of the stages in between are kept: bodies, their maps, T, the networks' inputs. Otherwise the chain
    /// makes its result alone.</summary>
    public bool KeepIntermediate { get; init; }

    /// <summary>Whether the result's layers are columns too: TargetColor, TargetMask, TargetBackground.</summary>
    public bool WithLayers { get; init; }

    /// <summary>
    /// The column of where the source's person is by an estimator's account, a grid [M,M] over the square (EstimateSmpl's PersonMask); null
    /// for none. What of the person stands off the body is then taken out of the background, and S/64 around it. No pixel outside of the
    /// mask is shown as the person, however wide the body is: the nearest one inside is, and the outermost two pixels of 256, which are
    /// mixed with background, lend no colour. A mask in which less than 60 % of the body's silhouette lies is of something else, and moves
    /// nothing; <see cref="MeasureTransferQualityOptions.MinimumSilhouetteOverlap"/> refuses such rows. What is composed as published
    /// (<see cref="FrontWarpMode.AsPublished"/>) reads the mask for the background alone.
    /// </summary>
    public string? PersonMaskColumnName { get; init; }

    /// <summary>
    /// Whether the photograph's own pixels stay where the target is near the source
    /// (<see cref="GenerateTransferOptions.KeepsNearSource"/>). Default true; never where <see cref="AsPublished"/>, in an appearance
    /// transfer, or over a background of <see cref="TransferBackground"/> other than the generated one.
    /// </summary>
    public bool KeepsNearSource { get; init; } = true;

    /// <summary>How what the source's person hides is filled: see <see cref="GenerateTransferOptions.BackgroundFill"/>.</summary>
    public BackgroundFill BackgroundFill { get; init; }

    /// <summary>A colour that replaces the source's background; null for none.</summary>
    public Rgb? BackgroundColor { get; init; }

    /// <summary>A column with a picture, S x S, that replaces the source's background; null for none.</summary>
    public string? BackgroundImageColumnName { get; init; }

    /// <summary>
    /// What becomes of a row whose status columns say that a person was not found. <see cref="UnclearPerson.Refuse"/>, the default, and
    /// <see cref="UnclearPerson.Accept"/> do not read them: the row is computed, or FindPerson has made an error of it. With
    /// <see cref="UnclearPerson.Report"/> nothing is computed for such a row: its numbers are 0, and its images are missing.
    /// </summary>
    public UnclearPerson OnUnclear { get; init; }

    /// <summary>
    /// The statuses that are read where <see cref="OnUnclear"/> is <see cref="UnclearPerson.Report"/>: columns of FindPerson. Null for
    /// SourcePersonStatus, in appearance transfer ReferencePersonStatus too.
    /// </summary>
    public IReadOnlyList<string>? StatusColumnNames { get; init; }

    private protected TransferChainOptions()
    {
    }

    /// <summary>What the stages get of the chain: its name, and the statuses that they read.</summary>
    internal StageChain Chain(string name, params IReadOnlyList<string> people) =>
        new(name, OnUnclear != UnclearPerson.Report ? [] : StatusColumnNames ?? [.. people.Select(p => p + "PersonStatus")]);

    /// <summary>The columns that are made on the way and not passed on.</summary>
    internal IReadOnlyList<string> Intermediate => ChainColumns.Hidden(
        KeepIntermediate,
        ["Source", "Reference", "Target", "Upright"],
        ["Vertices", .. ChainColumns.Posed, .. ChainColumns.Drawn, .. ChainColumns.Assembled],
        ["T", "ReferenceT", "KeptMap", "SeenMap", "UprightSmpl"]);

    /// <summary>The front warp that an option asks for; where it does not, the default.</summary>
    internal FrontWarpMode ModeOf(FrontWarpMode? chosen) => chosen ?? (AsPublished ? FrontWarpMode.None : FrontWarpMode.Blend);

    /// <summary>The square by which the background is eroded.</summary>
    internal int KernelFor(TransferGenerator generator) => BackgroundKernel
        ?? (AsPublished && generator is LiquidWarpingGenerator published ? published.Package.Manifest.BackgroundKernel : AsPublished ? null
        : generator.BackgroundKernel(ImageSize)) ?? 13;

    /// <summary>The generator that the options ask for: the one that is given, or a sharp one over it.</summary>
    /// <param name="generator">The generator that is given.</param>
    /// <param name="body">The body.</param>
    /// <param name="sharp">Whether the source's detail is asked for; null to decide by the other options.</param>
    /// <param name="frontWarp">The front warp that is asked for.</param>
    /// <exception cref="ArgumentException">Options exclude each other.</exception>
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

    /// <summary>Refuses generators that do not work in the published release's way.</summary>
    /// <exception cref="ArgumentException">It is asked for, and this generator cannot.</exception>
    internal void CheckPublished(TransferGenerator generator)
    {
        if (!AsPublished)
            return;
        if (generator is TextureWarpGenerator or SharpGenerator)
            throw new ArgumentException($"{nameof(AsPublished)} is the way of a {nameof(LiquidWarpingGenerator)}; a "
                + $"{generator.GetType().Name} composes by rules of its own.", nameof(generator));
        if (generator is LiquidWarpingGenerator { Package: { Manifest.Background: not (BackgroundComposition.WholePicture
            or BackgroundComposition.Inpainted) and var background } package })
            throw new ArgumentException($"{nameof(AsPublished)} needs a generator whose network makes the whole background, but that of "
                + $"'{package.Source}' is {background}.", nameof(generator));
    }
}

/// <summary>Options of ImitateMotion; the stages check them.</summary>
public sealed class ImitateMotionOptions : TransferChainOptions
{
    /// <summary>Which camera the target gets.</summary>
    public CameraStrategy Strategy { get; init; } = CameraStrategy.Smooth;

    /// <summary>With <see cref="CameraStrategy.Copy"/>: how the reference's place in its picture is brought into SourcePhoto; see
    /// <see cref="RetargetSmplOptions.Place"/>. Null to copy the camera's numbers.</summary>
    public PersonPlace? Place { get; init; }

    /// <summary>The column of width and height [2] of the reference's picture; see
    /// <see cref="RetargetSmplOptions.ReferenceSizeColumnName"/>.</summary>
    public string? ReferenceSizeColumnName { get; init; }

    /// <summary>The column of the crop transform [6] of the reference's square; see
    /// <see cref="RetargetSmplOptions.ReferenceCropTransformColumnName"/>.</summary>
    public string? ReferenceCropTransformColumnName { get; init; }

    /// <summary>
    /// What becomes of the visible face, for generators that do not keep it by themselves. Null for <see cref="FrontWarpMode.Blend"/>, or
    /// <see cref="FrontWarpMode.None"/> where <see cref="TransferChainOptions.AsPublished"/>.
    /// </summary>
    public FrontWarpMode? FrontWarp { get; init; }

    /// <summary>
    /// Whether a learned generator's picture gets the source's detail where it is seen (<see cref="SharpGenerator"/>); then
    /// <see cref="TransferChainOptions.ImageSize"/> may be larger than the pictures it was trained on, which costs little, and the visible
    /// face is kept. Null for true, unless another <see cref="FrontWarp"/> than <see cref="FrontWarpMode.Blend"/> is asked for, or inputs
    /// other than those of the training, which exclude it: <see cref="TransferChainOptions.AsPublished"/>,
    /// <see cref="TransferChainOptions.BackgroundKernel"/>, <see cref="TransferChainOptions.AlignCorners"/>,
    /// <see cref="TransferChainOptions.OnlyVisible"/>.
    /// </summary>
    public bool? Sharp { get; init; }

    /// <summary>The generator that the options ask for.</summary>
    /// <exception cref="ArgumentException">Options exclude each other.</exception>
    internal TransferGenerator Choose(TransferGenerator generator, BodyModel body) => Choose(generator, body, Sharp, FrontWarp);
}

/// <summary>Options of TransferAppearance; the stages check them.</summary>
public sealed class TransferAppearanceOptions : TransferChainOptions
{
    /// <summary>
    /// The parts that are taken from the reference, at least one: head, torso, arms, legs, hands, feet, upper, lower, body (all but the
    /// head), all, or a part as the body calls it.
    /// </summary>
    public IReadOnlyList<string> Parts { get; init; } = [PartSelection.Body];

    /// <summary>The same as <see cref="TransferChainOptions.PersonMaskColumnName"/> for the reference's person, a grid [R,R], perhaps of
    /// another size; null for none.</summary>
    public string? ReferencePersonMaskColumnName { get; init; }

    /// <summary>
    /// What becomes of the source's parts that stay, for generators that do not keep their pixels by themselves:
    /// <see cref="FrontWarpMode.AsPublished"/> composes the source picture over the facial front of the source's own map, whatever stays.
    /// Null for <see cref="FrontWarpMode.Blend"/>, or <see cref="FrontWarpMode.None"/> where
    /// <see cref="TransferChainOptions.AsPublished"/>.
    /// </summary>
    public FrontWarpMode? KeptParts { get; init; }

    /// <summary>
    /// Whether T on the parts that stay has -1 and 1 on the centres of the outermost pixels: see
    /// <see cref="ComputeAppearanceFlowOptions.AlignCorners"/>. Null for the way in which it is sampled, or true where
    /// <see cref="TransferChainOptions.AsPublished"/>.
    /// </summary>
    public bool? KeptAlignCorners { get; init; }
}

/// <summary>The pose in which a person is seen from another side.</summary>
public enum ViewPose
{
    /// <summary>The source's pose.</summary>
    Source,

    /// <summary>Upright, facing the viewer before it is turned, arms level.</summary>
    TPose,
}

/// <summary>Options of SynthesizeView; the stages check them.</summary>
public sealed class SynthesizeViewOptions : TransferChainOptions
{
    /// <summary>The pose in which the person is seen.</summary>
    public ViewPose Pose { get; init; } = ViewPose.Source;

    /// <summary>The column of the view's angles about x, y and z [3], degrees.</summary>
    public string AnglesColumnName { get; init; } = "ViewAngles";

    /// <summary>The column of the translation after the rotation [3], metres; null for none.</summary>
    public string? TranslationColumnName { get; init; } = "ViewTranslation";

    /// <summary>
    /// What becomes of the visible face, for generators that do not keep it by themselves. Null for <see cref="FrontWarpMode.Blend"/>, or
    /// <see cref="FrontWarpMode.None"/> where <see cref="TransferChainOptions.AsPublished"/>.
    /// </summary>
    public FrontWarpMode? FrontWarp { get; init; }

    /// <summary>Whether a learned generator's picture gets the source's detail where it is seen: see
    /// <see cref="ImitateMotionOptions.Sharp"/>.</summary>
    public bool? Sharp { get; init; }

    /// <summary>
    /// What the person is composed over, where neither a colour nor a picture replaces the background. Null for
    /// <see cref="TransferBackground.Generated"/>, or <see cref="TransferBackground.Nothing"/> where
    /// <see cref="TransferChainOptions.AsPublished"/>; the release's replaced background is <see cref="TransferBackground.AddedToSource"/>.
    /// </summary>
    public TransferBackground? Background { get; init; }

    /// <summary>What the person is composed over.</summary>
    internal TransferBackground BackgroundOrDefault => Background
        ?? (AsPublished && BackgroundColor is null && BackgroundImageColumnName is null ? TransferBackground.Nothing
        : TransferBackground.Generated);
}
