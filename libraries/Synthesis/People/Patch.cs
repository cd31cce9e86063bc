using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A rotated box or ellipse with some surface: an object in the scene, or one that hides a part of a person.</summary>
internal readonly struct Patch : IStencil
{
    private readonly int _size, _pattern;
    private readonly float _x, _y, _halfWidth, _halfHeight, _sine, _cosine, _period;
    private readonly bool _round;
    private readonly Vector3 _color, _other;
    private readonly Noise _noise;

    /// <summary>Creates a random patch.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="size">S, the picture's side in pixels.</param>
    /// <param name="x">The x of its centre, as a share of the picture.</param>
    /// <param name="y">The y of its centre, as a share of the picture.</param>
    /// <param name="half">Half its longer side, as a share of the picture.</param>
    public Patch(ref Dice dice, int size, float x, float y, float half)
    {
        (_size, _x, _y) = (size, x * size, y * size);
        float slim = dice.Between(0.15f, 1);
        (_halfWidth, _halfHeight) = dice.Chance(0.5f) ? (half * size, half * slim * size) : (half * slim * size, half * size);
        (_sine, _cosine) = MathF.SinCos(dice.Chance(0.5f) ? 0 : dice.Between(-1.5f, 1.5f));
        _round = dice.Chance(0.4f);
        _pattern = dice.Below(4);
        _period = dice.Between(0.03f, 0.2f) * size;
        _noise = new Noise(dice.Below(1 << 20));
        // Some have skin colours, so that an estimator does not detect people by these alone.
        _color = dice.Chance(0.2f) ? new Vector3(dice.Between(0, 0.8f), dice.Between(-0.3f, 0.4f), dice.Between(-0.5f, 0.2f))
            : Any(ref dice);
        _other = dice.Chance(0.5f) ? _color * dice.Between(0.5f, 0.9f) : Any(ref dice);
    }

    /// <inheritdoc/>
    public (int Left, int Top, int Right, int Bottom) Bounds
    {
        get
        {
            int reach = (int)(_halfWidth + _halfHeight) + 1;
            return ((int)_x - reach, (int)_y - reach, (int)_x + reach, (int)_y + reach);
        }
    }

    /// <summary>Paints the patch.</summary>
    /// <param name="image">[3,S,S] in [-1,1].</param>
    /// <param name="mask">The mask of the person that it hides [S,S]; null for none.</param>
    /// <param name="keypoints">The key points [17,3] that it hides; null for none.</param>
    public void Paint(Span<float> image, float[]? mask, float[]? keypoints) => Stencil.Paint(this, _size, image, mask, keypoints);

    /// <inheritdoc/>
    public float Cover(float x, float y, out Vector3 color)
    {
        (float dx, float dy) = (x - _x, y - _y);
        (float u, float v) = (_cosine * dx + _sine * dy, _cosine * dy - _sine * dx);
        float inside = _round
            ? (1 - MathF.Sqrt(u * u / (_halfWidth * _halfWidth) + v * v / (_halfHeight * _halfHeight))) * MathF.Min(_halfWidth, _halfHeight)
            : MathF.Min(_halfWidth - MathF.Abs(u), _halfHeight - MathF.Abs(v));
        float cover = Math.Clamp(inside + 0.5f, 0, 1);
        color = cover > 0 ? ColorAt(u, v) : default;
        return cover;
    }

    private Vector3 ColorAt(float u, float v) => _pattern switch
    {
        0 => _color,
        1 => Vector3.Lerp(_color, _other, Math.Clamp(0.5f + 0.5f * u / _halfWidth, 0, 1)),
        2 => Vector3.Lerp(_color, _other, 0.5f + 0.5f * _noise.Rough(new Vector3(u / _period, v / _period, 1))),
        _ => MathF.Sin(6.28f * v / _period) > 0.2f ? _color : _other,
    };

    private static Vector3 Any(ref Dice dice) => new(dice.Between(-1, 1), dice.Between(-1, 1), dice.Between(-1, 1));
}
