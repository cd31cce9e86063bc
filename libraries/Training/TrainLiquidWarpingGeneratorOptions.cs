using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Training;

/// <summary>Options of <c>TrainLiquidWarpingGenerator</c>.</summary>
public sealed class TrainLiquidWarpingGeneratorOptions
{
    /// <summary>The source picture, square.</summary>
    public string SourceImageColumnName { get; init; } = "SourceImage";

    /// <summary>The same person in another pose, of the same size.</summary>
    public string TargetImageColumnName { get; init; } = "TargetImage";

    /// <summary>The 85 numbers of the body in the source picture.</summary>
    public string SourceSmplColumnName { get; init; } = "SourceSmpl";

    /// <summary>The 85 numbers of the body in the target picture.</summary>
    public string TargetSmplColumnName { get; init; } = "TargetSmpl";

    /// <summary>How the generator is trained.</summary>
    public GeneratorTrainingOptions Training { get; init; } = new();

    /// <summary>
    /// A generator of this trainer that the training begins with; null for none. Sizes and erosion are the model's, whatever
    /// <see cref="Training"/> says; Adam and the discriminator begin anew.
    /// </summary>
    public ModelPackage? StartFrom { get; init; }

    /// <summary>The columns of the stage that comes out.</summary>
    public GenerateTransferOptions Transfer { get; init; } = new();

    /// <summary>How the stage's networks run; null for the defaults.</summary>
    public NetworkRuntimeOptions? Runtime { get; init; }

    /// <summary>How weights are stored.</summary>
    public WeightStorage Storage { get; init; } = WeightStorage.Half;

    /// <summary>The licence of the weights, which the model's manifest says; null for <see cref="ModelManifest.LicenceNotNamed"/>. Whose
    /// pictures they are is for you to know.</summary>
    public string? Licence { get; init; }

    /// <summary>Whether anybody may pass the weights on, which takes a licence; saving a pipeline that holds others says so.</summary>
    public bool Redistributable { get; init; }

    /// <summary>A file from which a training that was stopped goes on, and to which it is saved now and then, when it is cancelled and at
    /// its end; null for none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>The time between two saves.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Called after each step, in order; null for nothing. Losses also go to mlContext.Log.</summary>
    public Action<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the training between two steps.</summary>
    public CancellationToken CancellationToken { get; init; }

    internal void Check()
    {
        Training.Check();
        if (Training.UnwarpedInput)
            throw new ArgumentException("A generator that sees the source unwarped is for comparison only: the stages before it warp.",
                nameof(Training));
        if (Training.AppearanceShare > 0)
            throw new ArgumentException("Rows show one person each; appearance transfer is learned from data that know its truth, such "
                + "as synthetic people.", nameof(Training));
        GeneratorTrainer.CheckLicence(Licence, Redistributable);
        if (!Enum.IsDefined(Storage))
            throw new ArgumentOutOfRangeException(nameof(Storage), Storage,
                $"It must be one of {string.Join(", ", Enum.GetNames<WeightStorage>())}.");
    }
}
