using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.ML;

namespace Lwg.MLNet.Cli;

/// <summary>Something to measure: rows with their truth, and the chain that shall find it.</summary>
/// <param name="Name">Its name on the command line and in tables.</param>
/// <param name="Make">Makes a row.</param>
/// <param name="Chain">Makes the chain for a size and a generator.</param>
/// <param name="ShowsReference">Whether the sheet shows the reference's picture.</param>
internal sealed record EvaluationJob(
    string Name, Func<HeldOutPeople, int, EvaluationRow> Make, Func<TransformsCatalog, int, TransferGenerator, IEstimator<ITransformer>> Chain, bool ShowsReference = false)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<EvaluationJob> All { get; } =
    [
        new("self-imitation", (people, i) => people.SelfImitation(i), Imitate),
        new("cross-imitation", (people, i) => people.CrossImitation(i), Imitate),
        new("appearance", (people, i) => people.Appearance(i), (catalog, size, generator) => catalog.TransferAppearance(generator, new TransferAppearanceOptions { ImageSize = size }), ShowsReference: true),
        new("view", (people, i) => people.View(i), (catalog, size, generator) => catalog.SynthesizeView(
            generator, new SynthesizeViewOptions { ImageSize = size, TranslationColumnName = null, FrontWarp = FrontWarpMode.None })),
    ];

    // The camera is copied: the truth is known before that camera.
    private static IEstimator<ITransformer> Imitate(TransformsCatalog catalog, int size, TransferGenerator generator) =>
        catalog.ImitateMotion(generator, new ImitateMotionOptions { ImageSize = size, Strategy = CameraStrategy.Copy, FrontWarp = FrontWarpMode.None });
}
