using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// Shoes of a kind: where they cover the foot, how thick they are and what they look like. Points are those of SMPL's rest pose.
/// </summary>
internal sealed class Footwear
{
    private const float SoleTop = -1.146f, Ankle = -1.085f;

    /// <summary>The kinds.</summary>
    public enum Kind
    {
        /// <summary>One colour up to the ankle, and a sole.</summary>
        Plain,

        /// <summary>A band around the sole, laces, and sometimes a toe cap and stripes.</summary>
        Sneaker,

        /// <summary>Over the ankle.</summary>
        Boot,

        /// <summary>Up to the knee, over trousers.</summary>
        KneeBoot,

        /// <summary>The instep is bare.</summary>
        Flat,

        /// <summary>A sole and two straps.</summary>
        Sandal,

        /// <summary>No shoes.</summary>
        Bare,
    }

    private readonly Noise _noise;
    private readonly Vector3 _upper, _sole, _accent;
    private readonly float _top = Ankle, _platform = 0.005f, _band, _gloss = 0.08f;
    private readonly bool _hasLaces, _hasCap, _hasStripes;

    /// <summary>Creates plain shoes.</summary>
    public Footwear(Vector3 upper, Vector3 sole, Noise noise) => (_upper, _sole, _noise) = (upper, sole, noise);

    /// <summary>Draws shoes of any kind.</summary>
    public Footwear(ref Dice dice, Noise noise)
    {
        _noise = noise;
        float share = dice.Share();
        Worn = share < 0.48f ? Kind.Sneaker : share < 0.66f ? Kind.Boot : share < 0.72f ? Kind.KneeBoot : share < 0.85f ? Kind.Flat
            : share < 0.93f ? Kind.Sandal : Kind.Bare;
        (_upper, _accent) = (Shade(ref dice), Shade(ref dice));
        _sole = dice.Chance(0.5f) ? new Vector3(dice.Between(0.45f, 0.85f)) : dice.Chance(0.8f) ? new Vector3(dice.Between(0.01f, 0.1f))
            : new Vector3(0.25f, 0.13f, 0.06f) * dice.Between(0.6f, 1.6f);
        (float high, float low) = (dice.Share(), dice.Share());
        _top = Worn switch
        {
            Kind.Sneaker => high < 0.8f ? -1.095f + 0.025f * low : -1.05f + 0.03f * low,
            Kind.Boot => -1.03f + 0.11f * low,
            Kind.KneeBoot => -0.84f + 0.16f * low,
            _ => Ankle,
        };
        _platform = dice.Chance(0.35f) ? dice.Between(0.008f, 0.028f) : 0.005f;
        _band = Worn == Kind.Sneaker ? dice.Between(0.004f, 0.020f) : dice.Between(0, 0.006f);
        _gloss = dice.Chance(0.4f) ? dice.Between(0.12f, 0.35f) : dice.Between(0.01f, 0.08f);
        (_hasLaces, _hasCap, _hasStripes) = (Worn == Kind.Sneaker || Worn == Kind.Boot && dice.Chance(0.5f), dice.Chance(0.35f),
            dice.Chance(0.4f));
    }

    /// <summary>The kind.</summary>
    public Kind Worn { get; }

    /// <summary>Whether the shoes leave the foot bare, so that no socks are worn.</summary>
    public bool IsOpen => Worn is Kind.Flat or Kind.Sandal or Kind.Bare;

    /// <summary>Returns the thickness of the shoe at a point, metres; null where there is none.</summary>
    public float? Thickness(Vector3 p)
    {
        if (p.Y >= _top || Worn == Kind.Bare)
            return null;
        float sole = _platform * Blend.Step(SoleTop + 0.01f, SoleTop - 0.01f, p.Y);
        return Worn switch
        {
            Kind.Plain or Kind.Sneaker => 0.008f + sole,
            Kind.Boot or Kind.KneeBoot => 0.009f + 0.003f * Blend.Step(-1.10f, _top, p.Y) + sole,
            Kind.Flat => IsUnderInstep(p) ? 0.004f + sole : null,
            _ => p.Y < SoleTop ? 0.004f + sole : IsStrap(p) ? 0.005f : null,
        };
    }

    /// <summary>Returns the material at a point of the shoe.</summary>
    public Material At(Vector3 p)
    {
        float grain = 1 + 0.15f * _noise.At(p * 90);
        if (p.Y < SoleTop + _band)
            return new Material(_sole * grain, Worn == Kind.Plain ? _gloss : 0.06f, 14, 0.05f, Vector3.Zero);
        Vector3 color = _upper;
        // Across the middle of the foot.
        float across = MathF.Abs(MathF.Abs(p.X) - (0.093f + 0.16f * (p.Z + 0.03f)));
        if (_hasLaces && across < 0.021f && p.Z is > 0.012f and < 0.125f)
        {
            float lace = MathF.Abs((p.Z / 0.022f + 2 * across + p.Y / 0.03f) % 1 - 0.5f);
            color = lace < 0.19f ? _accent : _upper * 0.6f;
        }
        else if (_hasCap && Worn == Kind.Sneaker && (p.Z > 0.145f || p.Z < -0.055f))
        {
            color = _accent;
        }
        else if (_hasStripes && Worn == Kind.Sneaker && across > 0.024f && p.Z is > -0.01f and < 0.09f
            && (p.Z + 0.5f * p.Y + 1) / 0.028f % 1 < 0.4f)
        {
            color = _accent;
        }
        else if (Worn != Kind.Plain && _top - p.Y < 0.006f)
        {
            color *= 0.6f;
        }
        return new Material(color * grain, _gloss, _gloss > 0.1f ? 26 : 14, 0.05f, Vector3.Zero);
    }

    private static bool IsUnderInstep(Vector3 p) => p.Y < -1.130f || p.Z > 0.108f || (p.Z < -0.030f && p.Y < -1.094f);

    private static bool IsStrap(Vector3 p) => p.Z is > 0.085f and < 0.118f || (MathF.Abs(p.Y + 1.100f) < 0.008f && p.Z < 0.03f);

    private static Vector3 Shade(ref Dice dice) => Dice.Hsv(dice.Share(), dice.Chance(0.7f) ? dice.Between(0, 0.25f)
        : dice.Between(0.25f, 0.8f), dice.Chance(0.55f) ? dice.Between(0.05f, 0.35f) : dice.Between(0.35f, 0.97f));
}
