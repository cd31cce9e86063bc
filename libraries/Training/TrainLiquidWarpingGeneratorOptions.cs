using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Training;

/// <summary>Options of <c>TrainLiquidWarpingGenerator</c>.</summary>
public sealed class TrainLiquidWarpingGeneratorOptions
{
    /// <summary>The column of the source picture, square.</summary>
    public string SourceImageColumnName { get; init; } = "SourceImage";

    /// <summary>The column of the target picture: the same person in another pose, of the same size.</summary>
    public string TargetImageColumnName { get; init; } = "TargetImage";

    /// <summary>The column of the 85 SMPL parameters of the source picture.</summary>
    public string SourceSmplColumnName { get; init; } = "SourceSmpl";

    /// <summary>The column of the 85 SMPL parameters of the target picture.</summary>
    public string TargetSmplColumnName { get; init; } = "TargetSmpl";

    /// <summary>The training options.</summary>
    public GeneratorTrainingOptions Training { get; init; } = new();

    /// <summary>
    /// A generator of this trainer from which the training starts; null for none. Sizes and erosion are taken from the model instead of
    /// <see cref="Training"/>; Adam and the discriminator start from scratch.
    /// </summary>
    public ModelPackage? StartFrom { get; init; }

    /// <summary>The columns of the returned stage.</summary>
    public GenerateTransferOptions Transfer { get; init; } = new();

    /// <summary>The runtime options of the stage's networks; null for the defaults.</summary>
    public NetworkRuntimeOptions? Runtime { get; init; }

    /// <summary>The number format of the weights.</summary>
    public WeightStorage Storage { get; init; } = WeightStorage.Half;

    /// <summary>The licence of the weights for the model's manifest; null for <see cref="ModelManifest.LicenceNotNamed"/>. You are
    /// responsible for the rights to the training pictures.</summary>
    public string? Licence { get; init; }

    /// <summary>Whether the weights may be redistributed, which requires a licence; saving a pipeline with other weights logs a
    /// warning.</summary>
    public bool Redistributable { get; init; }

    /// <summary>A file from which a stopped training resumes, and to which it is saved at intervals, on cancellation and at its end; null
    /// for none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>The interval between two saves.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Called after each step, in order; may be null. Losses also go to mlContext.Log.</summary>
    public Action<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the training between two steps.</summary>
    public CancellationToken CancellationToken { get; init; }

    internal void Check()
    {
        Training.Check();
        if (Training.UnwarpedInput)
            throw new ArgumentException("A generator that reads the unwarped source is for comparison only: the stages before it warp.",
                nameof(Training));
        if (Training.AppearanceShare > 0)
            throw new ArgumentException("Rows show one person each; appearance transfer needs data with its ground truth, such "
                + "as synthetic people.", nameof(Training));
        GeneratorTrainer.CheckLicence(Licence, Redistributable);
        if (!Enum.IsDefined(Storage))
            throw new ArgumentOutOfRangeException(nameof(Storage), Storage,
                $"It must be one of {string.Join(", ", Enum.GetNames<WeightStorage>())}.");
    }
}
