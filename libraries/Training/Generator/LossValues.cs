namespace Lwg.MLNet.Training;

/// <summary>The terms of a step's loss, unweighted, and what went with them.</summary>
/// <param name="Samples">Samples seen so far, these included.</param>
/// <param name="Size">S of this step.</param>
/// <param name="Source">The source's reconstruction, L1.</param>
/// <param name="Target">The target, L1, the person stressed.</param>
/// <param name="Structure">1 - SSIM.</param>
/// <param name="Perceptual">How far features are apart; 0 without the network for it.</param>
/// <param name="Face">How far the faces' features are apart; 0 without the network for it.</param>
/// <param name="Background">The background in the hole, L1.</param>
/// <param name="Mask">The masks, cross-entropy.</param>
/// <param name="Smooth">The masks' total variation.</param>
/// <param name="Adversarial">How far the discriminator is from undecided; 0 before it takes part.</param>
/// <param name="Discriminator">The discriminator's own loss; 0 before it takes part.</param>
/// <param name="Gradient">The gradient's length.</param>
public sealed record LossValues(long Samples, int Size, double Source, double Target, double Structure, double Perceptual, double Face,
    double Background, double Mask, double Smooth, double Adversarial, double Discriminator, double Gradient)
{
    /// <summary>The losses by name, for logs.</summary>
    public IReadOnlyList<(string Name, double Value)> Named =>
    [
        ("source", Source), ("target", Target), ("structure", Structure), ("perceptual", Perceptual), ("face", Face),
        ("background", Background), ("mask", Mask), ("smooth", Smooth),
        ("adversarial", Adversarial), ("discriminator", Discriminator), ("gradient", Gradient),
    ];

    /// <summary>Whether all of them are numbers.</summary>
    public bool IsFinite => Named.All(n => double.IsFinite(n.Value));
}
