using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion.Dialects;

/// <summary>A motion as its file has it, which need not be upright.</summary>
/// <param name="Format">What kind of file it is.</param>
/// <param name="FramesPerSecond">The rate.</param>
/// <param name="Poses">[N,72].</param>
/// <param name="Translations">[N,3]; empty for none.</param>
/// <param name="Shape">[10]; empty for none.</param>
/// <param name="Up">Which way is up in files of this kind.</param>
/// <param name="IsUpCertain">Whether all files of this kind are so.</param>
internal sealed record RawMotion(string Format, float FramesPerSecond, float[] Poses, float[] Translations, float[] Shape, MotionUpAxis Up,
    bool IsUpCertain = false)
{
    // How upright a trunk must be on average, as the cosine, for it to tell which way is up; and how little it may be so the other way.
    private const float Upright = 0.7f, Elsewhere = 0.35f;

    /// <summary>The motion in the body's frame, y up.</summary>
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

    /// <summary>Which way people's trunks point, where that is clear and not what files of this kind have.</summary>
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
            // Who stands on his hands is not taken for a file that is upside down, unless a camera's is likely.
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
