using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A random background of a synthetic person: a room with wall and floor, a street or a garden, clutter; sometimes out of
/// focus.</summary>
internal sealed class SyntheticBackdrop
{
    private enum Wall
    {
        Even,
        Fade,
        Bricks,
        Panels,
        Mottled,
        Trees,
    }

    private enum Ground
    {
        Even,
        Planks,
        Tiles,
        Mottled,
    }

    private readonly record struct Thing(float Left, float Right, float Top, float Bottom, Vector3 Color, Vector3 Other, int Kind);

    private readonly Wall _wall;
    private readonly Ground _ground;
    private readonly Noise _noise;
    private readonly Vector3 _wallColor, _wallSecond, _groundColor, _groundSecond, _skirting;
    private readonly float _period, _tilt, _lightX, _lightStrength, _skirtingHeight;
    private readonly Thing[] _things;

    public SyntheticBackdrop(ref Dice dice)
    {
        _noise = new Noise(dice.Below(1 << 20));
        bool studio = dice.Chance(0.22f);
        _wall = studio ? Wall.Even : (Wall)dice.Below(6);
        _ground = (Ground)dice.Below(4);
        Vector3 Surface(ref Dice d, float low, float high) =>
            Dice.Hsv(d.Chance(0.6f) ? d.Between(0.02f, 0.13f) : d.Share(), d.Chance(0.88f) ? d.Between(0, 0.15f)
            : d.Between(0.15f, 0.45f), d.Between(low, high));
        _wallColor = studio ? new Vector3(dice.Between(0.5f, 0.95f)) : Surface(ref dice, 0.25f, 0.98f);
        _wallSecond = _wall == Wall.Trees ? Dice.Hsv(dice.Between(0.17f, 0.36f), dice.Between(0.2f, 0.55f), dice.Between(0.28f, 0.6f))
            : Vector3.Lerp(_wallColor, Surface(ref dice, 0.15f, 0.95f), dice.Between(0.1f, 0.8f));
        bool seamless = studio && dice.Chance(0.7f);
        _groundColor = seamless ? _wallColor * dice.Between(0.9f, 1.0f) : Surface(ref dice, 0.15f, 0.85f);
        if (_ground == Ground.Planks)
            _groundColor = Dice.Hsv(dice.Between(0.04f, 0.10f), dice.Between(0.25f, 0.65f), dice.Between(0.2f, 0.75f));
        if (_wall == Wall.Trees && dice.Chance(0.6f))
            (_ground, _groundColor) = (Ground.Mottled,
                Dice.Hsv(dice.Between(0.16f, 0.32f), dice.Between(0.2f, 0.55f), dice.Between(0.35f, 0.7f)));
        _groundSecond = seamless ? _groundColor : _groundColor * dice.Between(0.6f, 0.95f);
        if (seamless)
            _ground = Ground.Even;
        Seamless = seamless;
        _period = dice.Between(0.08f, 0.4f);
        _tilt = dice.Between(-0.02f, 0.02f);
        (_lightX, _lightStrength) = (dice.Between(-1.2f, 1.2f), dice.Between(0, 0.5f));
        _skirting = Surface(ref dice, 0.1f, 0.95f);
        _skirtingHeight = dice.Chance(0.4f) && !studio ? dice.Between(0.01f, 0.04f) : 0;
        int count = studio || dice.Chance(_wall == Wall.Trees ? 0.75f : 0.35f) ? 0 : 1 + dice.Below(9);
        _things = new Thing[count];
        for (int i = 0; i < count; i++)
        {
            float x = dice.Between(-1.1f, 1.1f), half = dice.Between(0.03f, 0.35f), top = dice.Between(-0.95f, 0.5f),
                height = dice.Between(0.05f, 1.0f);
            _things[i] = new Thing(x - half, x + half, top, dice.Chance(0.5f) ? 2
                : top + height, Surface(ref dice, 0.05f, 0.95f), Surface(ref dice, 0.05f, 0.95f), dice.Below(5));
        }
        Blur = dice.Chance(_wall == Wall.Trees ? 0.8f : 0.4f) && !studio ? dice.Between(0.002f, _wall == Wall.Trees ? 0.03f : 0.02f) : 0;
    }

    /// <summary>Whether wall and floor have no edge between them.</summary>
    public bool Seamless { get; }

    /// <summary>The radius of the blur, as a share of the picture's side.</summary>
    public float Blur { get; }

    /// <summary>Paints the backdrop.</summary>
    /// <param name="horizon">The edge between floor and wall, y in [-1,1] of the picture.</param>
    /// <param name="size">S.</param>
    /// <param name="light">Receives linear light [S,S].</param>
    public void Paint(float horizon, int size, Span<Vector3> light)
    {
        for (int row = 0; row < size; row++)
        {
            float y = (2 * row + 1 - size) / (float)size;
            for (int column = 0; column < size; column++)
            {
                float x = (2 * column + 1 - size) / (float)size;
                float below = y - horizon - _tilt * x;
                Vector3 color = below > 0 ? GroundAt(x, below) : WallAt(x, y, -below);
                foreach (Thing thing in _things)
                {
                    if (x > thing.Left && x < thing.Right && y > thing.Top && y < MathF.Min(thing.Bottom, horizon + 0.06f))
                        color = ThingAt(thing, x, y);
                }
                float near = 1 + _lightStrength * (0.5f - 0.35f * ((x - _lightX) * (x - _lightX) + 0.5f * (y + 0.6f) * (y + 0.6f)));
                light[row * size + column] = color * MathF.Max(near, 0.2f) * 1.5f;
            }
        }
    }

    private Vector3 WallAt(float x, float y, float above)
    {
        if (above < _skirtingHeight)
            return _skirting;
        switch (_wall)
        {
            case Wall.Fade:
                return Vector3.Lerp(_wallColor, _wallSecond, Math.Clamp((y + 1) / 2, 0, 1));
            case Wall.Bricks:
                float course = MathF.Floor(y / (0.4f * _period)), u = Blend.Fraction(x / _period + 0.5f * (course % 2)),
                    v = Blend.Fraction(y / (0.4f * _period));
                if (u < 0.06f || v < 0.14f)
                    return _wallSecond;
                return _wallColor * (0.9f + 0.16f
                    * _noise.At(new Vector3(MathF.Floor(x / _period + 0.5f * (course % 2)) * 3.7f, course * 5.1f, 0.5f)) + 0.06f
                    * _noise.At(new Vector3(x * 40, y * 40, 1)));
            case Wall.Panels:
                return Blend.Fraction(x / _period) < 0.04f ? _wallSecond * 0.7f
                    : _wallColor * (1 + 0.05f * _noise.At(new Vector3(MathF.Floor(x / _period) * 7, 0, 0)));
            case Wall.Mottled:
                return Vector3.Lerp(_wallColor, _wallSecond, 0.5f + 0.5f * _noise.Rough(new Vector3(x / _period, y / _period, 3)));
            case Wall.Trees:
                float crown = 0.45f * _noise.Rough(new Vector3(x * 3, 0, 7)) + 0.15f * _noise.Rough(new Vector3(x * 14, y * 14, 2));
                Vector3 sky = Vector3.Lerp(new Vector3(0.75f, 0.85f, 0.95f), _wallColor, 0.4f);
                return y < crown - 0.5f ? sky : _wallSecond
                    * MathF.Max(0.7f + 0.6f * _noise.Rough(new Vector3(x * 5, y * 5, 9)) + 0.6f
                    * _noise.Rough(new Vector3(x * 24, y * 24, 5)), 0.08f);
            default:
                return _wallColor;
        }
    }

    private Vector3 GroundAt(float x, float below)
    {
        // A floor in perspective: lines converge towards the horizon.
        float depth = 1 / (below + 0.25f), across = x * depth * 0.5f;
        switch (_ground)
        {
            case Ground.Planks:
                float plank = MathF.Floor(across / 0.11f);
                return Vector3.Lerp(_groundColor, _groundSecond, 0.5f + 0.5f
                    * _noise.At(new Vector3(plank * 5.3f, MathF.Floor(depth * 1.2f + plank * 0.37f) * 3, 1)))
                    * (1 + 0.10f * _noise.Rough(new Vector3(across * 60, depth * 3, 2)));
            case Ground.Tiles:
                bool seam = Blend.Fraction(across / 0.3f) < 0.04f || Blend.Fraction(depth / 0.5f) < 0.05f;
                return seam ? _groundSecond * 0.8f : _groundColor;
            case Ground.Mottled:
                return _groundColor * (1 + 0.35f * _noise.Rough(new Vector3(across * 25, depth * 12, 3)));
            default:
                return Vector3.Lerp(_groundColor, _groundSecond, Math.Clamp(below, 0, 1));
        }
    }

    private Vector3 ThingAt(Thing thing, float x, float y)
    {
        float u = (x - thing.Left) / (thing.Right - thing.Left), v = (y - thing.Top) / (MathF.Min(thing.Bottom, 1) - thing.Top);
        bool rim = u < 0.06f || u > 0.94f || v < 0.05f;
        return thing.Kind switch
        {
            0 => rim ? thing.Color : Vector3.Lerp(thing.Other, thing.Color, 0.5f + 0.5f * _noise.Rough(new Vector3(x * 9, y * 9, 11))),
            1 => thing.Color * (0.75f + 0.4f * u),
            2 => Blend.Fraction(v * 5) < 0.12f ? thing.Color * 0.5f
                : Blend.Fraction(u * 7 + MathF.Floor(v * 5) * 0.3f) < 0.15f ? thing.Color * 0.7f
                : _noise.At(new Vector3(MathF.Floor(u * 14), MathF.Floor(v * 5), 2)) > 0 ? thing.Other : thing.Color,
            3 => rim || MathF.Abs(u - 0.5f) < 0.03f || MathF.Abs(v - 0.5f) < 0.03f ? thing.Color : new Vector3(0.8f, 0.88f, 0.95f),
            _ => thing.Color * (0.8f + 0.3f * _noise.Rough(new Vector3(x * 20, y * 20, 4))),
        };
    }
}
