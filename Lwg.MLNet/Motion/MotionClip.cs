using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion;

/// <summary>
/// A motion: SMPL poses at a constant rate, in the body's own frame (y up, standing upright and facing +z is a zero root rotation,
/// the person's left at +x). The root's rotation is in the pose; the way the pelvis goes is in the translation.
/// </summary>
public sealed class MotionClip
{
    private readonly float[] _poses;
    private readonly float[] _translations;
    private readonly float[] _shape;

    /// <summary>Makes a motion.</summary>
    /// <param name="name">What to call it, for errors and lists.</param>
    /// <param name="framesPerSecond">The rate, above 0 and at most 1000.</param>
    /// <param name="poses">[N,72]: 24 axis-angle vectors (radians) a frame, N at least 1.</param>
    /// <param name="translations">[N,3]: how far the body is moved, metres; empty for none.</param>
    /// <param name="shape">10 SMPL shape numbers of whoever moves; empty for the mean.</param>
    /// <exception cref="ArgumentException">Wrong lengths, a number that is not finite, or a rate outside its range.</exception>
    public MotionClip(string name, float framesPerSecond, ReadOnlySpan<float> poses, ReadOnlySpan<float> translations = default,
        ReadOnlySpan<float> shape = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        CheckRate(framesPerSecond);
        if (poses.Length == 0 || poses.Length % SmplLayout.PoseCount != 0)
            throw new ArgumentException($"Poses are {SmplLayout.PoseCount} numbers a frame and at least one frame, but "
                + $"{poses.Length} numbers were given.", nameof(poses));
        int frames = poses.Length / SmplLayout.PoseCount;
        if (translations.Length != 0 && translations.Length != 3 * frames)
            throw new ArgumentException($"Translations are 3 numbers for each of the {frames} frames or none, but "
                + $"{translations.Length} numbers were given.", nameof(translations));
        if (shape.Length != 0 && shape.Length != SmplLayout.ShapeCount)
            throw new ArgumentException($"A shape is {SmplLayout.ShapeCount} numbers or none, but {shape.Length} were given.",
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

    /// <summary>The motions the library brings along: <c>walk</c>, <c>wave</c>, <c>squat</c>, <c>turn</c>, <c>dance</c>.</summary>
    public static IReadOnlyList<string> BuiltInNames { get; } = ["walk", "wave", "squat", "turn", "dance"];

    /// <summary>What the motion is called.</summary>
    public string Name { get; }

    /// <summary>What kind of file it was read from, and which of its people it is; null where it was made otherwise.</summary>
    public string? Format { get; internal init; }

    /// <summary>The rate.</summary>
    public float FramesPerSecond { get; }

    /// <summary>How many frames there are, N.</summary>
    public int FrameCount { get; }

    /// <summary>[N,72]: 24 axis-angle vectors (radians) a frame.</summary>
    public ReadOnlySpan<float> Poses => _poses;

    /// <summary>[N,3]: how far the body is moved, metres; zeros when the motion has none.</summary>
    public ReadOnlySpan<float> Translations => _translations;

    /// <summary>The 10 SMPL shape numbers of whoever moves; empty for the mean.</summary>
    public ReadOnlySpan<float> Shape => _shape;

    /// <summary>The 72 pose numbers of one frame.</summary>
    /// <param name="frame">0 to N-1.</param>
    public ReadOnlySpan<float> Pose(int frame) => Poses.Slice(CheckFrame(frame) * SmplLayout.PoseCount, SmplLayout.PoseCount);

    /// <summary>The translation of one frame, metres.</summary>
    /// <param name="frame">0 to N-1.</param>
    public ReadOnlySpan<float> Translation(int frame) => Translations.Slice(CheckFrame(frame) * 3, 3);

    /// <summary>Loads a motion of the library by its name, or a motion file.</summary>
    /// <param name="nameOrFile">One of <see cref="BuiltInNames"/>, or the path of a file: our .npz with <c>poses</c> [N,72], <c>fps</c>
    /// and, if it likes, <c>betas</c> and <c>trans</c> [N,3]; a file of AMASS, SMPL-X's toolboxes, iPER, VIBE, WHAM, 4D-Humans (PHALP),
    /// AIST++, 3DPW or ROMP; a BVH motion of any skeleton of a person. What it is, its content tells (<see cref="Format"/>).</param>
    /// <exception cref="ModelFileException">No such name or file, or the file does not hold a motion.</exception>
    public static MotionClip Load(string nameOrFile) => Load(nameOrFile, new MotionReadOptions());

    /// <summary>Loads a motion of the library by its name, or a motion file: see <see cref="Load(string)"/>.</summary>
    /// <param name="nameOrFile">One of <see cref="BuiltInNames"/>, or the path of a file.</param>
    /// <param name="options">What the file does not tell.</param>
    /// <exception cref="ModelFileException">No such name or file, or the file does not hold a motion.</exception>
    public static MotionClip Load(string nameOrFile, MotionReadOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrFile);
        ArgumentNullException.ThrowIfNull(options);
        return BuiltInNames.Contains(nameOrFile) ? MotionFile.ReadBuiltIn(nameOrFile) : MotionFile.Read(nameOrFile, options);
    }

    /// <summary>The same motion, turned about the vertical as a whole so that the person faces the camera in the first frame.</summary>
    public MotionClip FacingCamera() => MotionFacing.Turned(this);

    /// <summary>The SMPL numbers of every frame, in the camera's frame (x right, y down, z away): what the column ReferenceSmpl
    /// holds.</summary>
    /// <param name="scale">The camera's scale s: picture units (2 = the whole picture) a metre, above 0. With the default a standing adult
    /// takes up four fifths of the picture's height.</param>
    /// <returns>[N,85]: camera (s, tx, ty), pose, shape (zeros when the motion has none).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The scale is no finite number above 0.</exception>
    public float[] ToSmpl(float scale = MotionCamera.DefaultScale) => MotionCamera.ToSmpl(this, scale);

    /// <summary>Writes the motion as a .npz file that <see cref="Load(string)"/> reads back.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="IOException">The file cannot be written; an old one is still there.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => MotionFile.Write(this, stream));

    /// <summary>The same motion at another rate: rotations go from frame to frame about one axis (slerp, Shoemake 1985), translations in
    /// straight lines.</summary>
    /// <param name="framesPerSecond">The rate, above 0 and at most 1000.</param>
    /// <returns>A motion that begins with the same frame and ends with the last frame of its rate that is not later than this motion's;
    /// this one where it has that rate.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A rate outside its range.</exception>
    /// <exception cref="LwgException">It would have more than a million frames, or more than 100 for each of its own and more than
    /// 10,000.</exception>
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
