using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.ML;

namespace Lwg.MLNet.Cli;

/// <summary>A kind of transfer to measure: rows with the true result, and the chain to evaluate.</summary>
/// <param name="Name">The name on the command line and in tables.</param>
/// <param name="Make">Makes a row.</param>
/// <param name="Chain">Makes the chain for a size and a generator; the flag says whether there are masks of an estimator.</param>
/// <param name="ShowsReference">Whether the sheet shows the reference's picture, and an estimator processes it.</param>
internal sealed record EvaluationJob(
    string Name, Func<HeldOutPeople, int, EvaluationRow> Make, Func<TransformsCatalog, int, TransferGenerator, bool,
    IEstimator<ITransformer>> Chain, bool ShowsReference = false)
{
    private const string SourceMask = nameof(EvaluationRow.SourcePersonMask), ReferenceMask = nameof(EvaluationRow.ReferencePersonMask);

    /// <summary>All jobs.</summary>
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

    // The camera is copied, because the truth is known only for that camera, and both pictures have the same size.
    private static IEstimator<ITransformer> Imitate(TransformsCatalog catalog, int size, TransferGenerator generator, bool masks) =>
        catalog.ImitateMotion(
        generator,
        new ImitateMotionOptions { ImageSize = size, Strategy = CameraStrategy.Copy, FrontWarp = FrontWarpMode.None,
        PersonMaskColumnName = masks ? SourceMask : null });
}
