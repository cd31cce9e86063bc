using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion.Dialects;

/// <summary>A motion as stored in its file, not necessarily upright.</summary>
/// <param name="Format">The format of the file.</param>
/// <param name="FramesPerSecond">The rate.</param>
/// <param name="Poses">The poses [N,72].</param>
/// <param name="Translations">The translations [N,3]; empty if there are none.</param>
/// <param name="Shape">The shape [10]; empty if there is none.</param>
/// <param name="Up">The up axis of the format.</param>
/// <param name="IsUpCertain">Whether all files of the format have this up axis.</param>
internal sealed record RawMotion(string Format, float FramesPerSecond, float[] Poses, float[] Translations, float[] Shape, MotionUpAxis Up,
    bool IsUpCertain = false)
{
    // Thresholds on the cosine of the mean direction of the trunk: above Upright it determines the up axis; at Elsewhere or above, the
    // format's axis is kept.
    private const float Upright = 0.7f, Elsewhere = 0.35f;

    /// <summary>Converts the motion to the body frame, y up.</summary>
    public MotionClip ToClip(string name, MotionUpAxis asked)
    {
        Quaternion turn = Turn(asked != MotionUpAxis.Auto ? asked : IsUpCertain ? Up : Told());
        if (!turn.IsIdentity)
        {
            var root = Vector3.Zero;
            for (int f = 0; f < Poses.Length / SmplLayout.PoseCount; f++)
            {
                Span<float> pose = Poses.AsSpan(f * SmplLayout.PoseCount, 3);
                root = AxisAngle.FromQuaternion(turn * AxisAngle.ToQuaternion(pose), root);
                root.CopyTo(pose);
                if (Translations.Length > 0)
                    Vector3.Transform(new Vector3(Translations.AsSpan(3 * f, 3)), turn).CopyTo(Translations.AsSpan(3 * f, 3));
            }
        }
        return new MotionClip(name, FramesPerSecond, Poses, Translations, Shape) { Format = Format };
    }

    /// <summary>Returns the direction of the trunks if it is clear and differs from that of the format; otherwise the axis of the
    /// format.</summary>
    private MotionUpAxis Told()
    {
        Vector3 sum = Vector3.Zero;
        int frames = Poses.Length / SmplLayout.PoseCount;
        for (int f = 0; f < frames; f++)
            sum += Vector3.Transform(Vector3.UnitY, AxisAngle.ToQuaternion(Poses.AsSpan(f * SmplLayout.PoseCount, 3))) / frames;
        if (Vector3.Dot(sum, Direction(Up)) >= Elsewhere)
            return Up;
        foreach (MotionUpAxis axis in (MotionUpAxis[])[MotionUpAxis.Y, MotionUpAxis.Z, MotionUpAxis.NegativeY])
        {
            // A person in a handstand must not pass for an upside-down file, so the opposite axis needs a higher cosine.
            bool opposite = Vector3.Dot(Direction(axis), Direction(Up)) < 0;
            if (Vector3.Dot(sum, Direction(axis)) >= (opposite ? 0.9f : Upright))
                return axis;
        }
        return Up;
    }

    private static Vector3 Direction(MotionUpAxis axis) =>
        axis switch { MotionUpAxis.Z => Vector3.UnitZ, MotionUpAxis.NegativeY => -Vector3.UnitY, _ => Vector3.UnitY };

    private static Quaternion Turn(MotionUpAxis up) => up switch
    {
        MotionUpAxis.Z => Quaternion.CreateFromAxisAngle(Vector3.UnitX, -MathF.PI / 2),
        MotionUpAxis.NegativeY => Quaternion.Inverse(MotionCamera.BodyToCamera),
        _ => Quaternion.Identity,
    };
}
