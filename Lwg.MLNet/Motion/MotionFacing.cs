using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion;

/// <summary>Rotates motions about the vertical.</summary>
internal static class MotionFacing
{
    // If the horizontal part of the front direction is shorter than this, the direction of the left side is used.
    private const float Flat = 0.3f;

    /// <summary>See <see cref="MotionClip.FacingCamera"/>.</summary>
    public static MotionClip Turned(MotionClip clip)
    {
        float[] poses = clip.Poses.ToArray(), translations = clip.Translations.ToArray();
        Quaternion first = AxisAngle.ToQuaternion(clip.Pose(0));
        Vector3 front = Vector3.Transform(Vector3.UnitZ, first), left = Vector3.Transform(Vector3.UnitX, first);
        // The angle of the front from the direction of the camera, seen from above; for a person on the back or belly, from the left side.
        float angle = MathF.Sqrt(front.X * front.X + front.Z * front.Z) >= Flat ? MathF.Atan2(front.X, front.Z)
            : MathF.Atan2(-left.Z, left.X);
        var turn = Quaternion.CreateFromAxisAngle(Vector3.UnitY, -angle);
        Vector3 from = new(clip.Translation(0)), root = Vector3.Zero;
        for (int f = 0; f < clip.FrameCount; f++)
        {
            Span<float> pose = poses.AsSpan(f * SmplLayout.PoseCount, 3), way = translations.AsSpan(3 * f, 3);
            root = AxisAngle.FromQuaternion(turn * AxisAngle.ToQuaternion(pose), root);
            root.CopyTo(pose);
            (from + Vector3.Transform(new Vector3(way) - from, turn)).CopyTo(way);
        }
        return new MotionClip(clip.Name, clip.FramesPerSecond, poses, translations, clip.Shape) { Format = clip.Format };
    }
}
