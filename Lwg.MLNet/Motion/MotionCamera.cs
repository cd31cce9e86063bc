using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion;

/// <summary>Converts motions from the body frame (y up) to SMPL parameters in the camera frame (x right, y down, z away).</summary>
internal static class MotionCamera
{
    /// <summary>The scale at which a standing adult takes four fifths of the picture height.</summary>
    public const float DefaultScale = 0.9f;

    // With y down and the pelvis (at -0.22 m) as the centre of the root rotation, a standing body extends from about -1.01 to 0.73 m.
    private const float StandingCentre = 0.14f;

    // Half a turn about x converts the body frame (x right for the viewer of a facing person, y up, z towards the viewer) to the camera
    // frame.
    internal static readonly Quaternion BodyToCamera = new(1, 0, 0, 0);

    /// <summary>
    /// Computes the SMPL parameters of every frame. A standing person who faces the camera has a root rotation of (pi, 0, 0); the
    /// axis-angle vector of the root does not jump between frames. The first frame is in the middle of the picture; the translation moves
    /// (tx, ty) from there, and its depth is dropped (weak perspective).
    /// </summary>
    /// <param name="clip">The motion.</param>
    /// <param name="scale">The scale s of the camera: picture units (2 = the whole picture) per metre, above 0.</param>
    /// <returns>The parameters [N,85]: camera (s, tx, ty), pose, shape (zeros if the motion has none).</returns>
    public static float[] ToSmpl(MotionClip clip, float scale = DefaultScale)
    {
        ArgumentNullException.ThrowIfNull(clip);
        if (!(scale > 0) || !float.IsFinite(scale))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "The camera's scale is a finite number above 0.");
        float[] smpl = new float[clip.FrameCount * SmplLayout.ParameterCount];
        ReadOnlySpan<float> first = clip.Translation(0);
        var root = new Vector3(MathF.PI, 0, 0);
        for (int frame = 0; frame < clip.FrameCount; frame++)
        {
            var row = new Smpl(smpl.AsSpan(frame * SmplLayout.ParameterCount, SmplLayout.ParameterCount));
            ReadOnlySpan<float> translation = clip.Translation(frame);
            row.SetCamera(scale, translation[0] - first[0], StandingCentre - (translation[1] - first[1]));

            ReadOnlySpan<float> pose = clip.Pose(frame);
            pose.CopyTo(row.Pose);
            root = AxisAngle.FromQuaternion(BodyToCamera * AxisAngle.ToQuaternion(pose), root);
            root.CopyTo(row.Root);
            clip.Shape.CopyTo(row.Shape);
        }
        return smpl;
    }
}
