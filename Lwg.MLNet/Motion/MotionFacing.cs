using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion;

/// <summary>Turns motions about the vertical.</summary>
internal static class MotionFacing
{
    // A front that points so nearly up or down tells nothing; then the left side does.
    private const float Flat = 0.3f;

    /// <summary>See <see cref="MotionClip.FacingCamera"/>.</summary>
    public static MotionClip Turned(MotionClip clip)
    {
        float[] poses = clip.Poses.ToArray(), translations = clip.Translations.ToArray();
        Quaternion first = AxisAngle.ToQuaternion(clip.Pose(0));
        Vector3 front = Vector3.Transform(Vector3.UnitZ, first), left = Vector3.Transform(Vector3.UnitX, first);
        // Seen from above, the front's angle from the camera's direction; who lies on his back or belly faces as his left side tells.
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
