using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A random cloth: colours, a pattern, a weave and folds.</summary>
internal sealed class ClothDesign
{
    private enum Kind
    {
        Plain,
        LevelStripes,
        UprightStripes,
        Checks,
        Dots,
        Blocks,
        Print,
        Mottled,
        Fade,
    }

    private readonly Kind _kind;
    private readonly Noise _noise;
    private readonly Vector3 _color, _second, _third;
    private readonly float _period, _share, _weave, _folds, _split, _gloss, _printX, _printY, _printSize;
    private readonly int _printLetter;

    public ClothDesign(ref Dice dice, int seed, bool trousers = false)
    {
        _noise = new Noise(seed * 31 + 17);
        float kind = dice.Share();
        _kind = trousers && kind < 0.88f || kind < 0.42f ? Kind.Plain : (Kind)(1 + dice.Below(8));
        _color = trousers && dice.Chance(0.35f) ? Dice.Hsv(0.6f, dice.Between(0.2f, 0.6f), dice.Between(0.15f, 0.6f)) : Color(ref dice);
        (_second, _third) = (Color(ref dice), Color(ref dice));
        _period = dice.Between(0.012f, 0.09f);
        _share = dice.Between(0.2f, 0.6f);
        _weave = dice.Between(0.02f, 0.14f);
        _folds = dice.Between(0.8f, 3f);
        _split = dice.Between(-0.12f, 0.16f);
        _gloss = dice.Chance(0.15f) ? dice.Between(0.06f, 0.2f) : dice.Between(0.005f, 0.04f);
        (_printX, _printY, _printSize, _printLetter) =
            (dice.Between(-0.03f, 0.03f), dice.Between(0.0f, 0.12f), dice.Between(0.035f, 0.10f), dice.Below(6));
    }

    /// <summary>Returns the material at a point of the cloth.</summary>
    /// <param name="p">The point at rest.</param>
    /// <param name="n">The surface normal at rest.</param>
    /// <param name="sleeve">Whether it is on a sleeve.</param>
    public Material At(Vector3 p, Vector3 n, bool sleeve)
    {
        float x = MathF.Abs(p.X);
        // Along the body or the sleeve; around it.
        float down = sleeve ? x - 0.02f : 0.226f - p.Y, across = sleeve ? p.Z * 1.2f + p.Y : p.X + 0.6f * p.Z;
        Vector3 color = _color;
        switch (_kind)
        {
            case Kind.LevelStripes when Blend.Fraction(down / _period) < _share:
            case Kind.UprightStripes when Blend.Fraction(across / _period) < _share:
                color = _second;
                break;
            case Kind.Checks:
                bool level = Blend.Fraction(down / _period) < _share, upright = Blend.Fraction(across / _period) < _share;
                color = level && upright ? _second : level || upright ? 0.5f * (_color + _second) : _color;
                break;
            case Kind.Dots:
                float u = Blend.Fraction(down / _period) - 0.5f, v = Blend.Fraction(across / _period) - 0.5f;
                if (u * u + v * v < 0.2f * _share)
                    color = _second;
                break;
            case Kind.Blocks:
                color = down < 0.226f - _split ? _second : _color;
                break;
            case Kind.Print when n.Z > 0.1f && !sleeve && Printed((p.X - _printX) / _printSize, (p.Y - _printY) / _printSize):
                color = _second;
                break;
            case Kind.Mottled:
                float m = _noise.Rough(p * (0.6f / _period));
                color = m > 0.15f ? _second : m < -0.2f ? _third : _color;
                break;
            case Kind.Fade:
                color = Vector3.Lerp(_color, _second, Math.Clamp((down - 0.05f) / 0.45f, 0, 1));
                break;
        }
        color *= 1 + _weave * _noise.At(p * 230) + 0.05f * _noise.At(p * 15);
        return new Material(Vector3.Max(color, new Vector3(0.003f)), _gloss, 10, 0.15f, Folds(p, x, sleeve));
    }

    // The gradient of the folds' height, from finite differences of a noise that is stretched in the direction in which the cloth hangs.
    private Vector3 Folds(Vector3 p, float x, bool sleeve)
    {
        float joint = sleeve ? Blend.Bell((x - 0.43f) / 0.10f)
            : Blend.Bell((p.Y + 0.70f) / 0.10f) + Blend.Bell((p.Y + 0.24f) / 0.10f) + 0.8f * Blend.Step(-0.85f, -1.04f, p.Y);
        Vector3 stretch = sleeve ? new Vector3(24, 10, 10) : new Vector3(11, 4.5f + 15 * joint, 11);
        Vector3 q = stretch * (p + new Vector3(0, 0.5f * x, 0));
        // Folds are denser where a joint bends: the coordinate is the integral of the density, so no fold repeats.
        if (!sleeve)
            q.Y = 4.5f * (p.Y + 0.5f * x) + 1.3f * (MathF.Tanh(12 * (p.Y + 0.70f)) + MathF.Tanh(12 * (p.Y + 0.24f))) + 12
                * MathF.Min(p.Y + 0.945f, 0);
        const float Step = 0.12f;
        float here = Ridge(q);
        var slope = new Vector3(Ridge(q + new Vector3(Step, 0, 0)) - here, Ridge(q + new Vector3(0, Step, 0)) - here,
            Ridge(q + new Vector3(0, 0, Step)) - here) / Step;
        return _folds * (0.0055f + 0.0045f * MathF.Min(joint, 1.2f)) * slope * stretch;
    }

    private float Ridge(Vector3 q)
    {
        float n = 1 - MathF.Abs(_noise.At(q));
        return n * n;
    }

    // Simple printed shapes, including letters, on the chest: coordinates in [-1,1].
    private bool Printed(float x, float y)
    {
        if (MathF.Abs(x) > 1 || MathF.Abs(y) > 1)
            return false;
        return _printLetter switch
        {
            0 => x * x + y * y < 1,
            1 => MathF.Abs(MathF.Abs(x) - 0.5f * (1 + y) * 0.5f - 0.15f) < 0.22f,
            2 => x < -0.45f || MathF.Abs(y - 0.8f) < 0.2f || MathF.Abs(y) < 0.18f,
            3 => MathF.Abs(x) + MathF.Abs(y) < 1 && MathF.Abs(x) + MathF.Abs(y) > 0.5f,
            4 => MathF.Abs(y) < 0.3f,
            _ => MathF.Sin(9 * x) * MathF.Sin(9 * y) > 0,
        };
    }

    private static Vector3 Color(ref Dice dice)
    {
        float kind = dice.Share();
        return kind < 0.15f ? new Vector3(dice.Between(0.008f, 0.03f))
            : kind < 0.28f ? new Vector3(dice.Between(0.6f, 0.85f))
            : kind < 0.42f ? new Vector3(dice.Between(0.03f, 0.5f))
            : Dice.Hsv(dice.Share(), dice.Between(0.1f, dice.Chance(0.3f) ? 0.85f : 0.5f), dice.Between(0.12f, 0.9f));
    }
}
