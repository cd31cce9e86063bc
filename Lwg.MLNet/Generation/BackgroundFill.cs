using Lwg.MLNet.Backgrounds;

namespace Lwg.MLNet.Generation;

/// <summary>How the area hidden by the person is filled.</summary>
public enum BackgroundFill
{
    /// <summary>
    /// With patches copied from other areas of the picture, so that bricks, shelves and boards continue. If a generator's network
    /// corrects a filled picture (<see cref="Models.BackgroundComposition.RefinedFill"/>), its output gives the colours, and patches add
    /// fine detail, the more the better they agree with each other. No effect on generators whose network paints the background itself.
    /// </summary>
    Patches,

    /// <summary>Smoothly, along rows (<see cref="BackgroundPlate"/>), and corrected by the network if the generator has one for it.
    /// Models saved before <see cref="Patches"/> existed keep this fill.</summary>
    Smooth,
}
