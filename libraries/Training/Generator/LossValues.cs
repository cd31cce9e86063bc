namespace Lwg.MLNet.Training;

/// <summary>The unweighted loss terms of a step, with related values.</summary>
/// <param name="Samples">Samples processed so far, including this step.</param>
/// <param name="Size">S of this step's pictures.</param>
/// <param name="Source">The reconstruction error of the source, L1.</param>
/// <param name="Target">The error of the target, L1, with a higher weight on the person.</param>
/// <param name="Structure">1 - SSIM.</param>
/// <param name="Perceptual">The perceptual distance of the features; 0 without its network.</param>
/// <param name="Face">The distance of the face features; 0 without its network.</param>
/// <param name="Background">The error of the background in the hole, L1.</param>
/// <param name="Mask">The cross-entropy of the masks.</param>
/// <param name="Smooth">The total variation of the masks.</param>
/// <param name="Adversarial">The generator's adversarial loss: how far the discriminator is from undecided; 0 before the discriminator
/// takes part.</param>
/// <param name="Discriminator">The discriminator's loss; 0 before it takes part.</param>
/// <param name="Gradient">The norm of the gradient.</param>
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

    /// <summary>Whether all losses are finite.</summary>
    public bool IsFinite => Named.All(n => double.IsFinite(n.Value));
}
