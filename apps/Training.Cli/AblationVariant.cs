using System.Globalization;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training.Cli;

/// <summary>A generator of the comparison.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Folder">The folder of its training.</param>
/// <param name="Options">How it is trained.</param>
internal sealed record AblationVariant(string Name, string Folder, GeneratorTrainingOptions Options)
{
    /// <summary>What the manifest of its model says.</summary>
    public string Notes => string.Create(CultureInfo.InvariantCulture,
        $"{Name}, d = {Options.Shape.Width}, {string.Join(", ", Options.Schedule.Select(s => $"{s.Samples} samples at "
        + $"{s.Size} pixels"))}, batches of {Options.BatchSize}, step {Options.LearningRate}, seed "
        + $"{Options.Seed}{(Options.AdversarialWeight > 0 ? $", discriminator {Options.AdversarialWeight} from "
        + $"{Options.DiscriminatorFrom}" : "")}{(Options.Bfloat16 ? ", bfloat16" : "")}");

    /// <summary>The one to which the others are compared.</summary>
    public const string Baseline = "liquid warping";

    /// <summary>The ways in which the transfer stream may see the source (Liu et al. 2019, figure 3), and what the discriminator
    /// adds.</summary>
    /// <param name="options">What they share.</param>
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
