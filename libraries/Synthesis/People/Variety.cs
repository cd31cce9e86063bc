using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// Features of people that only the painter's second version has: kinds of shoes, coats, hair that stands off or hangs over the shoulders,
/// caps, wide trousers and sleeves. Drawn from a separate random generator, so that all other features equal those of the first
/// version.
/// </summary>
internal sealed class Variety
{
    public Variety(long identity)
    {
        var dice = new Dice(unchecked((ulong)identity * 0xA0761D6478BD642F + 0x1F83D9AB));
        Shoes = new Footwear(ref dice, new Noise((int)(identity % 1_000_003) + 313));
        if (dice.Chance(0.16f))
            CoatHem = dice.Between(-0.48f, -0.95f);
        CoatFlare = dice.Between(0.01f, 0.10f);
        CoatGap = dice.Chance(0.5f) ? dice.Between(0.15f, 0.75f) : -0.10f;
        TrouserWidth = dice.Chance(0.2f) ? dice.Between(0.015f, 0.055f) : 0;
        SleeveWidth = dice.Chance(0.15f) ? dice.Between(0.01f, 0.04f) : 0;
        Curl = dice.Chance(0.25f) ? dice.Between(0.008f, 0.065f) : 0;
        PonytailEnd = dice.Chance(0.6f) ? dice.Between(0.10f, 0.38f) : null;
        LongHairEnd = dice.Chance(0.7f) ? dice.Between(-0.12f, 0.22f) : null;
        FrontLocks = dice.Chance(0.6f) ? dice.Between(0.3f, 1) : 0;
        Cap = dice.Chance(0.08f) ? Dice.Hsv(dice.Share(), dice.Between(0, 0.7f), dice.Between(0.06f, 0.9f)) : null;
        Light = dice.Between(0, 0.6f);
    }

    /// <summary>The shoes.</summary>
    public Footwear Shoes { get; }

    /// <summary>The y of the coat's hem; 0 without a coat.</summary>
    public float CoatHem { get; }

    /// <summary>The additional width of the coat at its hem, metres.</summary>
    public float CoatFlare { get; }

    /// <summary>Half the angle by which the coat is open in front, radians; negative if it is closed and overlaps.</summary>
    public float CoatGap { get; }

    /// <summary>The additional width of trousers at their hem, metres.</summary>
    public float TrouserWidth { get; }

    /// <summary>The additional width of long sleeves at their end, metres.</summary>
    public float SleeveWidth { get; }

    /// <summary>The distance by which short hair stands off, metres; 0 for smooth hair.</summary>
    public float Curl { get; }

    /// <summary>The y of the end of tied hair; null for a knot.</summary>
    public float? PonytailEnd { get; }

    /// <summary>The y of the end of long hair; null for the first version's.</summary>
    public float? LongHairEnd { get; }

    /// <summary>How far long hair hangs over the front of the shoulders, 0 (not at all) to 1.</summary>
    public float FrontLocks { get; }

    /// <summary>The colour of a knitted cap; null without one.</summary>
    public Vector3? Cap { get; }

    /// <summary>The share of a photograph's colour in the light of the person before it, 0 to 1.</summary>
    public float Light { get; }
}
