namespace Lwg.MLNet.Generation;

/// <summary>How what the person hides is filled.</summary>
public enum BackgroundFill
{
    /// <summary>
    /// With patches of what the picture shows elsewhere, so that bricks, shelves and boards go on. Generators that correct a filled picture (<see cref="Networks.BackgroundComposition.RefinedFill"/>)
    /// take it as it is, without their network; those whose network paints the background by itself do so.
    /// </summary>
    Patches,

    /// <summary>Smoothly, along rows (<see cref="BackgroundPlate"/>), and corrected by the network where a generator has one for it. Models that were saved before there was another way go on so.</summary>
    Smooth,
}
