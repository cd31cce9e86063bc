using System.Numerics;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>Two-bone inverse kinematics of a leg in closed form: the knee is a hinge, the hip sets the direction.</summary>
internal sealed class LegSolver
{
    private const float LeastFlexion = 4;

    private readonly Vector3 _thigh, _shin;
    private readonly float _hinge, _cosine, _sine, _straight;

    /// <summary>Creates a solver for the leg of one side.</summary>
    /// <param name="knee">The knee's joint.</param>
    /// <param name="ankle">The ankle's joint.</param>
    public LegSolver(int knee, int ankle)
    {
        _thigh = RestSkeleton.Bone(knee);
        _shin = RestSkeleton.Bone(ankle);
        // thigh . Rx(flexion) shin = hinge + cosine cos(flexion) + sine sin(flexion)
        _hinge = _thigh.X * _shin.X;
        _cosine = _thigh.Y * _shin.Y + _thigh.Z * _shin.Z;
        _sine = _thigh.Z * _shin.Y - _thigh.Y * _shin.Z;
        _straight = (_thigh + Vector3.Transform(_shin, Rotation.X(LeastFlexion))).Length();
    }

    /// <summary>The largest distance from hip to ankle with the knee still slightly bent, metres.</summary>
    public float Reach => _straight;

    /// <summary>Computes the rotations that place the ankle.</summary>
    /// <param name="leg">From the hip joint to the ankle in the world.</param>
    /// <param name="side">The direction of the knee's axis: the person's left, in the world.</param>
    /// <returns>The thigh's rotation in the world, and the knee's flexion in degrees.</returns>
    /// <exception cref="InvalidOperationException">The ankle is out of reach.</exception>
    public (Quaternion Thigh, float Flexion) Solve(Vector3 leg, Vector3 side)
    {
        float wanted = (leg.LengthSquared() - _thigh.LengthSquared() - _shin.LengthSquared()) / 2 - _hinge;
        float ratio = wanted / MathF.Sqrt(_cosine * _cosine + _sine * _sine);
        if (!(ratio is >= -1 and <= 1))
            throw new InvalidOperationException($"The ankle is {leg.Length():F3} m from the hip; the leg reaches {Reach:F3} m.");
        float flexion = float.RadiansToDegrees(MathF.Acos(ratio) + MathF.Atan2(_sine, _cosine));
        Vector3 bent = _thigh + Vector3.Transform(_shin, Rotation.X(flexion));
        return (Rotation.Align(bent, Vector3.UnitX, leg, side), flexion);
    }
}
