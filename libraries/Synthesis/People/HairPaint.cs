using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Hair: the hairline, the thickness, and the strands.</summary>
internal sealed class HairPaint(PersonLook look)
{
    private static readonly Vector3 s_crown = new(0, 0.50f, -0.02f), s_knot = new(0, 0.497f, -0.052f), s_ear = new(0.079f, 0.386f, 0.001f);

    private readonly Noise _noise = new(look.Seed + 101);
    private readonly Vector3 _color = look.Hair.Linear;

    /// <summary>The distance by which curls stand off, metres; 0 for smooth hair.</summary>
    public float Curl { get; init; }

    /// <summary>Returns the distance of a point of the head inside the hairline, metres; negative outside.</summary>
    public float InsideHairline(Vector3 p)
    {
        float x = MathF.Abs(p.X);
        float ragged = 0.002f * _noise.Rough(new Vector3(p.X * 260, p.Y * 90, p.Z * 260));
        if (look.HairCut == HairCut.Bob)
        {
            // A side parting on the left; the hair frames the face, covers the ears and ends below the chin, behind the jaw.
            float parting = p.X - 0.018f;
            float brow = 0.453f + (parting > 0 ? 0.004f : 0.012f * Blend.Step(-0.07f, 0, parting)) + 0.010f
                * Blend.Spot(MathF.Abs(parting), 0.02f);
            float front = MathF.Max(p.Y - brow, 0.055f * Blend.Step(0.305f, 0.365f, p.Y) - 0.012f + 0.05f * MathF.Max(p.Y - 0.40f, 0)
                - p.Z);
            return MathF.Min(front, p.Y - 0.282f) + 0.5f * ragged;
        }
        float line = 0.305f + 0.080f * Blend.Step(-0.060f, -0.012f, p.Z) + 0.046f * Blend.Step(0.026f, 0.040f, p.Z) + 0.037f
            * Blend.Step(0.042f, 0.078f, p.Z);
        float ear = x > 0.064f ? 0.016f * (Vector3.Abs((p with { X = x } - s_ear) / new Vector3(0.028f, 0.036f, 0.024f)).Length() - 1) : 1;
        return MathF.Min(p.Y - line, ear) + ragged;
    }

    /// <summary>Returns the thickness of the hair, metres.</summary>
    public float Thickness(Vector3 p)
    {
        float inside = InsideHairline(p), top = Blend.Step(0.44f, 0.51f, p.Y);
        return look.HairCut switch
        {
            HairCut.Cropped => (0.009f + 0.015f * top + 0.004f * Blend.Step(0.02f, 0.09f, p.Z) * top) * Blend.Step(-0.004f, 0.030f, inside)
                + 0.002f * _noise.At(p * 70),
            HairCut.Bob => 0,
            _ => 0.007f * Blend.Step(-0.004f, 0.02f, inside) + 0.052f * MathF.Sqrt(Blend.Spot(Vector3.Distance(p, s_knot), 0.045f)),
        };
    }

    /// <summary>
    /// Returns the offset of a point of the head at rest by a bob, metres: out to a smooth shell around the head, over ears and neck; or
    /// by curls. Zero for other cuts, which are offset along the normal.
    /// </summary>
    public Vector3 ToShell(Vector3 p)
    {
        if (look.HairCut != HairCut.Bob && Curl == 0)
            return Vector3.Zero;
        float inside = InsideHairline(p), y = p.Y;
        if (inside <= 0)
            return Vector3.Zero;
        if (Curl > 0)
        {
            float off = Curl * (1 + 0.3f * _noise.At(p * 45)) * Blend.Step(0, 0.03f, inside) * Blend.Step(0.30f, 0.42f, y);
            return off * Vector3.Normalize(p - new Vector3(0, 0.42f, -0.01f));
        }
        var centre = new Vector3(0, MathF.Min(y, 0.425f), -0.004f);
        Vector3 from = p - centre, direction = Vector3.Normalize(from);
        float flare = 0.010f * Blend.Step(0.42f, 0.33f, y) - 0.008f * Blend.Step(0.315f, 0.285f, y);
        var radii = new Vector3(0.096f + flare, 0.112f, 0.118f + 0.4f * flare);
        float reach = 1 / (direction / radii).Length();
        return (MathF.Max(reach - from.Length(), 0.004f) * Blend.Step(0, 0.016f, inside)) * direction;
    }

    /// <summary>Returns the material of the hair: strands run down from the crown (or to the knot if tied).</summary>
    public Material At(Vector3 p)
    {
        if (Curl > 0)
        {
            float dark = _noise.Rough(p * 130) + 0.5f * _noise.At(p * 60);
            return new Material(Vector3.Max(_color * (0.95f + 0.5f * dark), Vector3.Zero), 0.08f, 12, 0.15f, Vector3.Zero);
        }
        Vector3 from = p - (look.HairCut == HairCut.Tied ? s_knot : s_crown);
        float around = MathF.Atan2(from.X, from.Z), along = from.Length();
        Vector3 strand = look.HairCut == HairCut.Tied
            ? new Vector3(MathF.Atan2(from.X, -from.Y) * 26, along * 12, from.Z * 60)
            : new Vector3(around * 22, along * 16, 0);
        float wisp = _noise.Rough(strand), lock1 = _noise.At(0.35f * strand + new Vector3(31));
        float inside = InsideHairline(p);
        Vector3 color = _color * (1 + 0.38f * wisp + 0.25f * lock1);
        color *= 0.72f + 0.28f * Blend.Step(0, 0.02f, inside);
        Vector3 level = new(MathF.Cos(around), 0, -MathF.Sin(around));
        return new Material(Vector3.Max(color, Vector3.Zero), 0.30f, 18, 0.15f, level * (0.35f * wisp + 0.25f * lock1));
    }
}
