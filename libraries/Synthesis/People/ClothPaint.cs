using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Cloth and shoes: colours, patterns, seams and folds.</summary>
internal sealed class ClothPaint(PersonLook look)
{
    private readonly Noise _noise = new(look.Seed + 211);
    private readonly Vector3 _top = look.TopColor.Linear, _accent = look.Accent.Linear, _trousers = look.Trousers.Linear;
    private readonly Vector3 _shoes = look.Shoes.Linear, _soles = look.Soles.Linear;

    /// <summary>Returns the material of the top.</summary>
    /// <param name="p">The point at rest.</param>
    /// <param name="n">The surface normal at rest.</param>
    /// <param name="aboveCollar">The distance beyond the collar's edge, negative inside.</param>
    /// <param name="toCuff">The distance to the sleeve's end.</param>
    /// <param name="toHem">The distance to the hem.</param>
    public Material Top(Vector3 p, Vector3 n, float aboveCollar, float toCuff, float toHem)
    {
        Vector3 color = _top;
        Pattern(p, n, ref color);
        bool jumper = look.Top == TopKind.Jumper;
        float border = jumper ? 0.045f : 0.016f;
        bool collar = aboveCollar > -0.020f, cuff = toCuff < border, hem = toHem < border && MathF.Abs(p.X) < 0.25f;
        if (collar)
            color = jumper ? _top * 0.80f : _accent;
        else if (jumper && (cuff || hem))
            color = _top * 0.86f;
        float ribs = jumper && (collar || hem) ? MathF.Sin(MathF.Atan2(p.X, p.Z) * 150) : jumper && cuff
            ? MathF.Sin(MathF.Atan2(p.Y - 0.22f, p.Z + 0.045f) * 40) : 0;
        color *= 1 + 0.07f * ribs;
        // A seam beside each border, and at the armhole.
        float armhole = MathF.Abs(MathF.Abs(p.X) - 0.180f + 0.30f * (p.Y - 0.20f));
        float seam = MathF.Min(MathF.Abs(toCuff - border), MathF.Min(MathF.Abs(aboveCollar + 0.020f), armhole));
        if (MathF.Abs(p.X) < 0.25f)
            seam = MathF.Min(seam, MathF.Abs(toHem - border));
        color *= 1 - 0.28f * Blend.Step(0.0022f, 0.0008f, seam);
        color *= 1 + 0.06f * _noise.Rough(p * (jumper ? 260 : 400)) + 0.04f * _noise.At(p * 18);
        return new Material(color, jumper ? 0.01f : 0.025f, 8, jumper ? 0.25f : 0.12f, Gradient(p, TopFolds));
    }

    /// <summary>Returns the material of the trousers.</summary>
    public Material Trousers(Vector3 p, float toHem)
    {
        float x = MathF.Abs(p.X);
        Vector3 color = _trousers;
        // Paler from wear on the thighs and knees, darker inside.
        float front = Blend.Step(0.02f, 0.09f, p.Z);
        color *= 1 + 0.28f * front * Blend.Spot(MathF.Abs(p.Y + 0.52f), 0.20f) + 0.16f * front * Blend.Spot(MathF.Abs(p.Y + 0.69f), 0.08f);
        color *= 1 - 0.16f * Blend.Step(0.045f, 0.01f, x);
        float seam = MathF.Min(MathF.Abs(toHem - 0.022f),
            MathF.Min(p.Y < -0.5f ? 1 : MathF.Abs(p.Y + 0.365f - 0.8f * (x - 0.12f)) + (p.Z > 0.02f && x > 0.075f ? 0 : 1), 1));
        color *= 1 - 0.30f * Blend.Step(0.0028f, 0.0010f, seam);
        color *= 1 + 0.10f * _noise.Rough(new Vector3(p.X * 300, p.Y * 150, p.Z * 300)) + 0.06f * _noise.At(p * 14);
        return new Material(color, 0.015f, 10, 0.08f, Gradient(p, TrouserFolds));
    }

    /// <summary>Returns the material of the shoes.</summary>
    public Material Shoes(Vector3 p, float soleTop)
    {
        if (p.Y < soleTop)
            return new Material(_soles * (1 - 0.25f * Blend.Step(0.003f, 0, soleTop - p.Y)), 0.06f, 12, 0, Vector3.Zero);
        float x = MathF.Abs(p.X), across = x - (0.093f + 0.16f * (p.Z + 0.03f));
        Vector3 color = _shoes * (1 + 0.05f * _noise.At(p * 120));
        bool tongue = MathF.Abs(across) < 0.021f && p.Z is > 0.015f and < 0.125f;
        if (tongue)
        {
            float lace = MathF.Abs(Blend.Fraction((p.Z - 0.015f) / 0.022f + 2 * MathF.Abs(across)) - 0.5f);
            color = lace < 0.19f ? _soles * 0.9f : _shoes * 0.65f;
        }
        else if (p.Z > 0.155f)
        {
            color = Vector3.Lerp(color, _soles, 0.25f);
        }
        return new Material(color, 0.06f, 14, 0.05f, Vector3.Zero);
    }

    private void Pattern(Vector3 p, Vector3 n, ref Vector3 color)
    {
        float x = MathF.Abs(p.X);
        bool sleeve = x - 0.180f + 0.30f * (p.Y - 0.20f) > 0;
        // Along the body or the sleeve: the distance down the hanging cloth.
        float down = sleeve ? x - 0.02f : 0.226f - p.Y;
        switch (look.Pattern)
        {
            case TopPattern.Stripes:
                Blend.Over(ref color, _accent, Blend.Step(0.015f, 0.04f,
                    MathF.Min(Blend.Fraction(down / 0.044f), 0.42f - Blend.Fraction(down / 0.044f))));
                break;
            case TopPattern.Band:
                float band = MathF.Abs(down - 0.145f);
                Blend.Over(ref color, _accent, Blend.Step(0.046f, 0.044f, band));
                Blend.Over(ref color, _top * 0.55f, Blend.Step(0.012f, 0.010f, band));
                break;
            case TopPattern.Disc when n.Z > 0.2f && !sleeve:
                float r = Vector2.Distance(new Vector2(p.X, p.Y), new Vector2(0, 0.075f));
                float waves = p.Y - 0.062f - 0.007f * MathF.Sin(p.X * 110);
                Blend.Over(ref color, _accent, Blend.Step(0.061f, 0.059f, r));
                if (r < 0.06f && waves < 0 && Blend.Fraction(waves / 0.018f) < 0.5f)
                    color = _top;
                break;
        }
    }

    // The height of the folds at rest, metres.
    private float TopFolds(Vector3 p)
    {
        float x = MathF.Abs(p.X);
        if (x > 0.20f)
        {
            float elbow = MathF.Exp(-MathF.Pow((x - 0.43f) / 0.09f, 2)), cuff = Blend.Step(0.54f, 0.64f, x),
                armpit = Blend.Step(0.34f, 0.20f, x);
            return (0.0014f + 0.0034f * elbow + 0.0026f * cuff + 0.0020f * armpit) * Crease(new Vector3(28 * p.X, 11 * p.Y, 11 * p.Z));
        }
        float waist = Blend.Step(0.04f, -0.24f, p.Y), side = Blend.Step(0.05f, 0.15f, x) * Blend.Step(-0.02f, 0.12f, p.Y);
        // From the armpits inwards and down; horizontal and bent over the waist.
        var slanted = new Vector3(7 * p.X, 15 * (p.Y + 0.55f * x), 7 * p.Z);
        var hanging = new Vector3(13 * p.X, 7 * (p.Y + 0.4f * p.X), 13 * p.Z);
        return (0.0012f + 0.0040f * waist) * Crease(slanted) + (0.0020f + 0.0035f * side) * Crease(hanging + new Vector3(9));
    }

    private float TrouserFolds(Vector3 p)
    {
        float x = MathF.Abs(p.X);
        float knee = MathF.Exp(-MathF.Pow((p.Y + 0.70f) / 0.09f, 2)), ankle = Blend.Step(-0.90f, -1.04f, p.Y),
            crotch = Blend.Spot(Vector2.Distance(new Vector2(x, p.Y), new Vector2(0.02f, -0.40f)), 0.16f);
        var level = new Vector3(9 * p.X, 26 * p.Y + 6 * p.Z, 9 * p.Z);
        var slanted = new Vector3(9 * p.X, 22 * (p.Y - 0.9f * x), 9 * p.Z);
        var hanging = new Vector3(15 * p.X, 4 * p.Y, 15 * p.Z);
        return (0.0034f * knee + 0.0042f * ankle) * Crease(level) + 0.0045f * crotch * Crease(slanted) + 0.0024f
            * Crease(hanging + new Vector3(5));
    }

    // Rounded ridges between narrow valleys.
    private float Crease(Vector3 p)
    {
        float n = _noise.At(p), m = _noise.At(1.9f * p + new Vector3(23));
        return (1 - MathF.Abs(n)) * (1 - MathF.Abs(n)) + 0.4f * m;
    }

    private static Vector3 Gradient(Vector3 p, Func<Vector3, float> height)
    {
        const float h = 0.003f;
        return new Vector3(
            height(p + new Vector3(h, 0, 0)) - height(p - new Vector3(h, 0, 0)),
            height(p + new Vector3(0, h, 0)) - height(p - new Vector3(0, h, 0)),
            height(p + new Vector3(0, 0, h)) - height(p - new Vector3(0, 0, h))) / (2 * h);
    }
}
