using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.People;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of RecoverBodyFlow; the stages check them.</summary>
public sealed class BodyFlowRecoveryOptions
{
    /// <summary>S, the size of the pictures, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>The side of the square by which the backgrounds are eroded: 15 in training; odd, 1 to 255.</summary>
    public int BackgroundKernel { get; init; } = 15;

    /// <summary>How the source is sampled: see <see cref="TransferInputAssemblingOptions.AlignCorners"/>.</summary>
    public bool AlignCorners { get; init; } = true;

    /// <summary>Whether faces that the source does not show are left out of T.</summary>
    public bool OnlyVisible { get; init; }
}

/// <summary>What the chains of <see cref="Microsoft.ML.LwgTransformsCatalog"/> that make pictures have in common.</summary>
public abstract class TransferChainOptions
{
    /// <summary>S, the size of the pictures, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>The side of the square by which the background is eroded, larger for loose clothes; odd, 1 to 255. Null for what the generator was trained with, and 13 where that does not matter.</summary>
    public int? BackgroundKernel { get; init; }

    /// <summary>How the source is sampled: see <see cref="TransferInputAssemblingOptions.AlignCorners"/>. Null for what the generator was trained with, and true where that does not matter.</summary>
    public bool? AlignCorners { get; init; }

    /// <summary>Whether faces that the source (in appearance transfer the reference) does not show are left out of its T.</summary>
    public bool OnlyVisible { get; init; }

    /// <summary>Whether the result's layers are columns too: TargetColor, TargetMask, TargetBackground.</summary>
    public bool WithLayers { get; init; }

    /// <summary>
    /// The column of where the source's person is by an estimator's account, a grid [M,M] over the square (EstimateSmpl's PersonMask); null for none. What of the person stands off the body is
    /// then taken out of the background, and S/64 around it. No pixel outside of the mask is shown as the person, however wide the body is: the nearest one inside is, and the outermost
    /// two pixels of 256, which are mixed with background, lend no colour. A mask in which less than 60 % of the body's silhouette lies is of something else, and moves nothing;
    /// <see cref="TransferQualityOptions.MinimumSilhouetteOverlap"/> refuses such rows. What is composed as published (<see cref="FrontWarpMode.AsPublished"/>) reads the mask for the background alone.
    /// </summary>
    public string? PersonMaskColumnName { get; init; }

    /// <summary>A colour that replaces the source's background; null for none.</summary>
    public Rgb? BackgroundColor { get; init; }

    /// <summary>A column with a picture, S x S, that replaces the source's background; null for none.</summary>
    public string? BackgroundImageColumnName { get; init; }

    private protected TransferChainOptions()
    {
    }
}

/// <summary>Options of ImitateMotion; the stages check them.</summary>
public sealed class MotionImitationOptions : TransferChainOptions
{
    /// <summary>Which camera the target gets.</summary>
    public CameraStrategy Strategy { get; init; } = CameraStrategy.Smooth;

    /// <summary>What becomes of the visible face, for generators that do not keep it by themselves.</summary>
    public FrontWarpMode FrontWarp { get; init; } = FrontWarpMode.Blend;

    /// <summary>
    /// Whether a learned generator's picture gets the source's detail where it is seen (<see cref="SharpGenerator"/>); then <see cref="TransferChainOptions.ImageSize"/> may be larger than
    /// the pictures it was trained on, which costs little, and the visible face is kept. Null for true, unless another <see cref="FrontWarp"/> than
    /// <see cref="FrontWarpMode.Blend"/> is asked for, or inputs other than those of the training, which exclude it: <see cref="TransferChainOptions.BackgroundKernel"/>, <see cref="TransferChainOptions.AlignCorners"/>, <see cref="TransferChainOptions.OnlyVisible"/>.
    /// </summary>
    public bool? Sharp { get; init; }

    /// <summary>The generator that the options ask for.</summary>
    /// <exception cref="ArgumentException">Options exclude each other.</exception>
    internal ITransferGenerator Choose(ITransferGenerator generator, BodyModel body)
    {
        bool ownInputs = BackgroundKernel is not null || AlignCorners is not null || OnlyVisible;
        if (Sharp == true && (ownInputs || FrontWarp == FrontWarpMode.AsPublished))
            throw new ArgumentException($"{nameof(Sharp)} assembles the network's inputs as it was trained and keeps the face; {nameof(BackgroundKernel)}, {nameof(AlignCorners)}, {nameof(OnlyVisible)} and {nameof(FrontWarpMode.AsPublished)} exclude it.");
        bool sharp = Sharp ?? (!ownInputs && FrontWarp == FrontWarpMode.Blend);
        return sharp && generator is LiquidWarpingGenerator learned ? new SharpGenerator(body, learned) : generator;
    }
}

/// <summary>Options of TransferAppearance; the stages check them.</summary>
public sealed class AppearanceTransferOptions : TransferChainOptions
{
    /// <summary>
    /// The parts that are taken from the reference, at least one: head, torso, arms, legs, hands, feet, upper, lower, body (all but the head), all, or a part as the body calls it.
    /// </summary>
    public IReadOnlyList<string> Parts { get; init; } = [PartSelection.Body];

    /// <summary>The same as <see cref="TransferChainOptions.PersonMaskColumnName"/> for the reference's person, a grid [R,R], perhaps of another size; null for none.</summary>
    public string? ReferencePersonMaskColumnName { get; init; }

    /// <summary>What becomes of the source's parts that stay, for generators that do not keep their pixels by themselves.</summary>
    public FrontWarpMode KeptParts { get; init; } = FrontWarpMode.Blend;
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
public sealed class ViewSynthesisOptions : TransferChainOptions
{
    /// <summary>The pose in which the person is seen.</summary>
    public ViewPose Pose { get; init; } = ViewPose.Source;

    /// <summary>The column of the view's angles about x, y and z [3], degrees.</summary>
    public string AnglesColumnName { get; init; } = "ViewAngles";

    /// <summary>The column of the translation after the rotation [3], metres; null for none.</summary>
    public string? TranslationColumnName { get; init; } = "ViewTranslation";

    /// <summary>What becomes of the visible face, for generators that do not keep it by themselves.</summary>
    public FrontWarpMode FrontWarp { get; init; } = FrontWarpMode.Blend;
}
