using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion;

/// <summary>A motion: SMPL poses at a constant rate, in the body frame (y up; a zero root rotation is upright and faces +z; the person's
/// left is at +x). The pose contains the rotation of the root; the translation contains the path of the pelvis.</summary>
public sealed class MotionClip
{
    private readonly float[] _poses;
    private readonly float[] _translations;
    private readonly float[] _shape;

    /// <summary>Creates a motion.</summary>
    /// <param name="name">The name, for errors and lists.</param>
    /// <param name="framesPerSecond">The rate in frames per second, above 0 and at most 1000.</param>
    /// <param name="poses">The poses [N,72]: 24 axis-angle vectors (radians) per frame, N at least 1.</param>
    /// <param name="translations">The translations of the body [N,3], metres; empty for none.</param>
    /// <param name="shape">The 10 SMPL shape parameters of the person; empty for the mean.</param>
    /// <exception cref="ArgumentException">A length is wrong, a value is not finite, or the rate is outside its range.</exception>
    public MotionClip(string name, float framesPerSecond, ReadOnlySpan<float> poses, ReadOnlySpan<float> translations = default,
        ReadOnlySpan<float> shape = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        CheckRate(framesPerSecond);
        if (poses.Length == 0 || poses.Length % SmplLayout.PoseCount != 0)
            throw new ArgumentException($"Poses need {SmplLayout.PoseCount} values a frame and at least one frame, but "
                + $"{poses.Length} values were given.", nameof(poses));
        int frames = poses.Length / SmplLayout.PoseCount;
        if (translations.Length != 0 && translations.Length != 3 * frames)
            throw new ArgumentException($"Translations have 3 values for each of the {frames} frames or none, but "
                + $"{translations.Length} values were given.", nameof(translations));
        if (shape.Length != 0 && shape.Length != SmplLayout.ShapeCount)
            throw new ArgumentException($"A shape has {SmplLayout.ShapeCount} values or none, but {shape.Length} were given.",
                nameof(shape));
        CheckFinite(poses, nameof(poses));
        CheckFinite(translations, nameof(translations));
        CheckFinite(shape, nameof(shape));
        Name = name;
        FramesPerSecond = framesPerSecond;
        FrameCount = frames;
        _poses = poses.ToArray();
        _translations = translations.Length == 0 ? new float[3 * frames] : translations.ToArray();
        _shape = shape.ToArray();
    }

    /// <summary>The built-in motions: <c>walk</c>, <c>wave</c>, <c>squat</c>, <c>turn</c>, <c>dance</c>.</summary>
    public static IReadOnlyList<string> BuiltInNames { get; } = ["walk", "wave", "squat", "turn", "dance"];

    /// <summary>The name of the motion.</summary>
    public string Name { get; }

    /// <summary>The format of the file, and the person in it; null if the motion was not read from a file.</summary>
    public string? Format { get; internal init; }

    /// <summary>The rate in frames per second.</summary>
    public float FramesPerSecond { get; }

    /// <summary>N, the number of frames.</summary>
    public int FrameCount { get; }

    /// <summary>The poses [N,72]: 24 axis-angle vectors (radians) per frame.</summary>
    public ReadOnlySpan<float> Poses => _poses;

    /// <summary>The translations of the body [N,3], metres; zeros if the motion has none.</summary>
    public ReadOnlySpan<float> Translations => _translations;

    /// <summary>The 10 SMPL shape parameters of the person; empty for the mean.</summary>
    public ReadOnlySpan<float> Shape => _shape;

    /// <summary>Returns the 72 pose parameters of one frame.</summary>
    /// <param name="frame">The frame, 0 to N-1.</param>
    public ReadOnlySpan<float> Pose(int frame) => Poses.Slice(CheckFrame(frame) * SmplLayout.PoseCount, SmplLayout.PoseCount);

    /// <summary>Returns the translation of one frame, metres.</summary>
    /// <param name="frame">The frame, 0 to N-1.</param>
    public ReadOnlySpan<float> Translation(int frame) => Translations.Slice(CheckFrame(frame) * 3, 3);

    /// <summary>Loads a built-in motion by its name, or a motion file.</summary>
    /// <param name="nameOrFile">One of <see cref="BuiltInNames"/>, or the path of a file: this library's .npz with <c>poses</c> [N,72],
    /// <c>fps</c> and optionally <c>betas</c> and <c>trans</c> [N,3]; a file of AMASS, SMPL-X's toolboxes, iPER, VIBE, WHAM, 4D-Humans
    /// (PHALP), AIST++, 3DPW or ROMP; a BVH motion of any skeleton of a person. The format is detected by content
    /// (<see cref="Format"/>).</param>
    /// <exception cref="ModelFileException">There is no such name or file, or the file does not contain a motion.</exception>
    public static MotionClip Load(string nameOrFile) => Load(nameOrFile, new MotionReadOptions());

    /// <summary>Loads a built-in motion by its name, or a motion file: see <see cref="Load(string)"/>.</summary>
    /// <param name="nameOrFile">One of <see cref="BuiltInNames"/>, or the path of a file.</param>
    /// <param name="options">Settings that the file does not contain.</param>
    /// <exception cref="ModelFileException">There is no such name or file, or the file does not contain a motion.</exception>
    public static MotionClip Load(string nameOrFile, MotionReadOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrFile);
        ArgumentNullException.ThrowIfNull(options);
        return BuiltInNames.Contains(nameOrFile) ? MotionFile.ReadBuiltIn(nameOrFile) : MotionFile.Read(nameOrFile, options);
    }

    /// <summary>Returns the same motion, rotated about the vertical so that the person faces the camera in the first frame.</summary>
    public MotionClip FacingCamera() => MotionFacing.Turned(this);

    /// <summary>Computes the SMPL parameters of every frame, in the camera frame (x right, y down, z away), for the column
    /// ReferenceSmpl.</summary>
    /// <param name="scale">The scale s of the camera: picture units (2 = the whole picture) per metre, above 0. With the default a
    /// standing adult takes four fifths of the picture height.</param>
    /// <returns>The parameters [N,85]: camera (s, tx, ty), pose, shape (zeros if the motion has none).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not a finite number above 0.</exception>
    public float[] ToSmpl(float scale = MotionCamera.DefaultScale) => MotionCamera.ToSmpl(this, scale);

    /// <summary>Writes the motion as a .npz file that <see cref="Load(string)"/> can read.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="IOException">The file cannot be written; an existing file is unchanged.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => MotionFile.Write(this, stream));

    /// <summary>Resamples the motion to another rate: rotations are interpolated about one axis (slerp, Shoemake 1985), translations
    /// linearly.</summary>
    /// <param name="framesPerSecond">The rate in frames per second, above 0 and at most 1000.</param>
    /// <returns>A motion with the same first frame, whose last frame is not later than that of this motion. This motion if it has the
    /// given rate.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rate is outside its range.</exception>
    /// <exception cref="LwgException">The result would have more than a million frames, or more than 10,000 frames and more than 100 per
    /// frame of this motion.</exception>
    public MotionClip Resample(float framesPerSecond)
    {
        CheckRate(framesPerSecond);
        return framesPerSecond == FramesPerSecond ? this : MotionResampling.Resample(this, framesPerSecond);
    }

    private static void CheckRate(float framesPerSecond)
    {
        if (!(framesPerSecond > 0 && framesPerSecond <= 1000))
            throw new ArgumentOutOfRangeException(nameof(framesPerSecond), framesPerSecond,
                "A motion's rate is above 0 and at most 1000 frames a second.");
    }

    private int CheckFrame(int frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, FrameCount);
        return frame;
    }

    private static void CheckFinite(ReadOnlySpan<float> values, string parameterName)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new ArgumentException($"Number {i} is {values[i]}; all must be finite.", parameterName);
        }
    }
}
