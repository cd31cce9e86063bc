using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.ML;

namespace Lwg.MLNet.Cli;

/// <summary>Something to measure: rows with their truth, and the chain that shall find it.</summary>
/// <param name="Name">Its name on the command line and in tables.</param>
/// <param name="Make">Makes a row.</param>
/// <param name="Chain">Makes the chain for a size, a generator, and whether masks of an estimator are there.</param>
/// <param name="ShowsReference">Whether the sheet shows the reference's picture, and an estimator looks at it.</param>
internal sealed record EvaluationJob(
    string Name, Func<HeldOutPeople, int, EvaluationRow> Make, Func<TransformsCatalog, int, TransferGenerator, bool,
    IEstimator<ITransformer>> Chain, bool ShowsReference = false)
{
    private const string SourceMask = nameof(EvaluationRow.SourcePersonMask), ReferenceMask = nameof(EvaluationRow.ReferencePersonMask);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<EvaluationJob> All { get; } =
    [
        new("self-imitation", (people, i) => people.SelfImitation(i), Imitate),
        new("cross-imitation", (people, i) => people.CrossImitation(i), Imitate),
        new("appearance", (people, i) => people.Appearance(i), (catalog, size, generator, masks) =>
        catalog.TransferAppearance(generator, new TransferAppearanceOptions
        {
            ImageSize = size,
            PersonMaskColumnName = masks ? SourceMask : null,
            ReferencePersonMaskColumnName = masks ? ReferenceMask : null,
        }), ShowsReference: true),
        new("view", (people, i) => people.View(i), (catalog, size, generator, masks) => catalog.SynthesizeView(
            generator, new SynthesizeViewOptions { ImageSize = size, TranslationColumnName = null, FrontWarp = FrontWarpMode.None,
            PersonMaskColumnName = masks ? SourceMask : null })),
    ];

    // The camera is copied: the truth is known before that camera, and both pictures are of one size.
    private static IEstimator<ITransformer> Imitate(TransformsCatalog catalog, int size, TransferGenerator generator, bool masks) =>
        catalog.ImitateMotion(
        generator,
        new ImitateMotionOptions { ImageSize = size, Strategy = CameraStrategy.Copy, FrontWarp = FrontWarpMode.None,
        PersonMaskColumnName = masks ? SourceMask : null });
}
