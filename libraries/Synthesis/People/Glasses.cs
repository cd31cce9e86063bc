using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Glasses, drawn on the face: rims around the eyes, a bridge, and the temples back to the ears.</summary>
internal sealed class Glasses
{
    private const float EyeX = 0.0325f, EyeY = 0.3965f;

    private readonly Vector3 _frame;
    private readonly float _width, _height, _thickness, _roundness;

    /// <summary>Creates a random pair.</summary>
    public Glasses(ref Dice dice)
    {
        _frame = dice.Chance(0.75f) ? new Vector3(dice.Between(0.006f, 0.03f))
            : Dice.Hsv(dice.Between(0, 0.12f), dice.Between(0.2f, 0.7f), dice.Between(0.2f, 0.6f));
        (_width, _height, _thickness) = (dice.Between(0.021f, 0.026f), dice.Between(0.015f, 0.021f), dice.Between(0.0014f, 0.0032f));
        _roundness = dice.Of(2f, 4f);
    }

    /// <summary>Returns the material of the glasses at a point of the skin; null where there are none.</summary>
    public Material? On(Vector3 p)
    {
        float x = MathF.Abs(p.X), y = p.Y;
        if (p.Z < -0.005f || MathF.Abs(y - EyeY) > 0.03f)
            return null;
        bool temple = p.Z < 0.075f && x > 0.058f && MathF.Abs(y - 0.405f) < _thickness;
        float u = MathF.Abs(x - EyeX) / _width, v = MathF.Abs(y - EyeY) / _height;
        float rim = MathF.Pow(MathF.Pow(u, _roundness) + MathF.Pow(v, _roundness), 1 / _roundness) - 1;
        bool front = p.Z > 0.045f && (MathF.Abs(rim) * _height < _thickness || x < EyeX - _width && MathF.Abs(y - 0.402f) < _thickness);
        return temple || front ? new Material(_frame, 0.3f, 30, 0, Vector3.Zero) : null;
    }
}
