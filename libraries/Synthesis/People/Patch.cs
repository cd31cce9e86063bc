using System.Numerics;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A rotated box or ellipse with some surface: an object in the scene, or one that hides a part of a person.</summary>
internal readonly struct Patch
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

    /// <summary>Paints the patch.</summary>
    /// <param name="image">[3,S,S] in [-1,1].</param>
    /// <param name="mask">The mask of the person that it hides [S,S]; null for none.</param>
    /// <param name="keypoints">The key points [17,3] that it hides; null for none.</param>
    public void Paint(Span<float> image, float[]? mask, float[]? keypoints)
    {
        int n = _size * _size, reach = (int)(_halfWidth + _halfHeight) + 1;
        for (int row = Math.Max(0, (int)_y - reach); row < Math.Min(_size, (int)_y + reach); row++)
        {
            for (int column = Math.Max(0, (int)_x - reach); column < Math.Min(_size, (int)_x + reach); column++)
            {
                float cover = Cover(column + 0.5f, row + 0.5f, out float u, out float v);
                if (cover <= 0)
                    continue;
                int at = row * _size + column;
                Vector3 color = ColorAt(u, v);
                for (int c = 0; c < 3; c++)
                    image[c * n + at] += cover * (color[c] - image[c * n + at]);
                if (mask is not null)
                    mask[at] *= 1 - cover;
            }
        }
        for (int k = 0; keypoints is not null && k < CocoSkeleton.KeypointCount; k++)
        {
            if (keypoints[3 * k + 2] > 0 && Cover(keypoints[3 * k], keypoints[3 * k + 1], out _, out _) > 0.5f)
                keypoints[3 * k + 2] = 0.5f;
        }
    }

    private float Cover(float x, float y, out float u, out float v)
    {
        (float dx, float dy) = (x - _x, y - _y);
        (u, v) = (_cosine * dx + _sine * dy, _cosine * dy - _sine * dx);
        float inside = _round
            ? (1 - MathF.Sqrt(u * u / (_halfWidth * _halfWidth) + v * v / (_halfHeight * _halfHeight))) * MathF.Min(_halfWidth, _halfHeight)
            : MathF.Min(_halfWidth - MathF.Abs(u), _halfHeight - MathF.Abs(v));
        return Math.Clamp(inside + 0.5f, 0, 1);
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
