using System.Globalization;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training.Cli;

/// <summary>A generator of the comparison.</summary>
/// <param name="Name">The name in the table.</param>
/// <param name="Folder">The folder of its training.</param>
/// <param name="Options">The training options.</param>
internal sealed record AblationVariant(string Name, string Folder, GeneratorTrainingOptions Options)
{
    /// <summary>The notes in the manifest of its model.</summary>
    public string Notes => string.Create(CultureInfo.InvariantCulture,
        $"{Name}, d = {Options.Shape.Width}, {string.Join(", ", Options.Schedule.Select(s => $"{s.Samples} samples at "
        + $"{s.Size} pixels"))}, batches of {Options.BatchSize}, step {Options.LearningRate}, seed "
        + $"{Options.Seed}{(Options.AdversarialWeight > 0 ? $", discriminator {Options.AdversarialWeight} from "
        + $"{Options.DiscriminatorFrom}" : "")}{(Options.Bfloat16 ? ", bfloat16" : "")}");

    /// <summary>The variant to which the others are compared.</summary>
    public const string Baseline = "liquid warping";

    /// <summary>Returns the variants of the transfer stream's input from the source (Liu et al. 2019, figure 3), and one with a
    /// discriminator.</summary>
    /// <param name="options">The options that they share.</param>
    public static IReadOnlyList<AblationVariant> All(GeneratorTrainingOptions options)
    {
        GeneratorTrainingOptions With(FeatureWarping warping) =>
            options with { Shape = options.Shape with { Warping = warping }, AdversarialWeight = 0 };
        return
        [
            new("input concatenation", "concatenation", With(FeatureWarping.None) with { UnwarpedInput = true }),
            new("texture warping", "texture", With(FeatureWarping.None)),
            new("feature warping", "feature", With(FeatureWarping.OneLevel)),
            new(Baseline, "liquid", With(FeatureWarping.AllLevels)),
            new("liquid warping, discriminator", "liquid-discriminator",
            With(FeatureWarping.AllLevels) with { AdversarialWeight = options.AdversarialWeight }),
        ];
    }
}
