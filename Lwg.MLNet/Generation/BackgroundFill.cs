namespace Lwg.MLNet.Generation;

/// <summary>How what the person hides is filled.</summary>
public enum BackgroundFill
{
    /// <summary>
    /// With patches of what the picture shows elsewhere, so that bricks, shelves and boards go on. Where a generator's network corrects a
    /// filled picture (<see cref="Models.BackgroundComposition.RefinedFill"/>), patches take the place of what it makes as far as they
    /// agree with each other. A network that paints the background by itself does so.
    /// </summary>
    Patches,

    /// <summary>Smoothly, along rows (<see cref="BackgroundPlate"/>), and corrected by the network where a generator has one for it. Models
    /// that were saved before there was another way go on so.</summary>
    Smooth,
}
