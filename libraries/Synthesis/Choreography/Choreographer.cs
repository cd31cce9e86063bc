using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>Creates the library's motions, which are stored in models/motions.</summary>
internal static class Choreographer
{
    /// <summary>Frames per second of every motion.</summary>
    internal const float Rate = 24;

    /// <summary>Creates a motion in code; <see cref="MotionClip.Load(string)"/> reads the stored file, which has the same
    /// content.</summary>
    /// <param name="name">One of <see cref="MotionClip.BuiltInNames"/>.</param>
    /// <exception cref="ArgumentException">There is no such motion.</exception>
    public static MotionClip Make(string name) => name switch
    {
        "walk" => Film(name, Walk.Frames, Walk.At),
        "wave" => Film(name, Wave.Frames, Wave.At),
        "squat" => Film(name, Squat.Frames, Squat.At),
        "turn" => Film(name, TurnAround.Frames, TurnAround.At),
        "dance" => Film(name, Dance.Frames, Dance.At),
        _ => throw new ArgumentException($"There is no motion '{name}'; there are {string.Join(", ", MotionClip.BuiltInNames)}.",
            nameof(name)),
    };

    /// <summary>Creates a single frame of a figure, with a shape.</summary>
    internal static MotionClip Still(Figure figure, ReadOnlySpan<float> shape) => Film("still", 1, _ => figure, shape);

    private static MotionClip Film(string name, int frames, Func<float, Figure> at, ReadOnlySpan<float> shape = default)
    {
        float[] poses = new float[frames * SmplLayout.PoseCount], translations = new float[frames * 3];
        var last = new Vector3[Skeleton.JointCount];
        for (int frame = 0; frame < frames; frame++)
        {
            (Quaternion[] pose, Vector3 translation) = at(frame).Solve();
            for (int joint = 0; joint < pose.Length; joint++)
            {
                last[joint] = AxisAngle.FromQuaternion(pose[joint], last[joint]);
                last[joint].CopyTo(poses.AsSpan(frame * SmplLayout.PoseCount + 3 * joint));
            }
            translation.CopyTo(translations.AsSpan(3 * frame));
        }
        return new MotionClip(name, Rate, poses, translations, shape);
    }
}
