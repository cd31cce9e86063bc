using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Motion;

/// <summary>
/// The motion files: our .npz with <c>poses</c> [N,72], <c>fps</c> (one number) and optionally <c>betas</c> [10] and <c>trans</c> [N,3]; AMASS's .npz; iPER's
/// pose_shape.pkl. Which of them a file is, its content tells.
/// </summary>
internal static class MotionFile
{
    /// <summary>How many frames a motion may have.</summary>
    public const int MaxFrames = 1_000_000;

    // A frame in 1000 seconds; what is slower is damage.
    private const float SlowestRate = 1e-3f;

    // Metres, radians or shape numbers beyond this are damage, and their squares must stay finite.
    private const float Largest = 1e6f;

    // The files do not say how fast they are; the videos of the data set have 30 frames a second.
    private const float IperRate = 30;

    /// <summary>Reads a motion of the library.</summary>
    public static MotionClip ReadBuiltIn(string name)
    {
        string resource = $"motions/{name}.npz";
        Stream stream = typeof(MotionFile).Assembly.GetManifestResourceStream(resource)
            ?? throw new ModelFileException(resource, null, "the library was built without this motion.");
        return Read(stream, resource, name);
    }

    /// <summary>Reads a motion file.</summary>
    public static MotionClip Read(string path)
    {
        if (!File.Exists(path))
            throw new ModelFileException(path, null, $"there is no such file, and no motion of the library has this name; it has {string.Join(", ", MotionClip.BuiltInNames)}.");
        return Read(NumpyArchive.OpenForReading(path), path, Path.GetFileNameWithoutExtension(path));
    }

    /// <summary>Reads a motion from a stream, which is disposed; what kind of file it is, its content tells.</summary>
    public static MotionClip Read(Stream stream, string source, string name)
    {
        using (stream)
        {
            if (!PickleFile.IsZip(stream))
                return FromIper(PickleFile.ReadDictionary(stream, source), source, name);
            using var archive = new NumpyArchive(stream, source);
            return archive.Contains("mocap_framerate") || archive.Contains("mocap_frame_rate") ? FromAmass(archive, source, name) : FromOwn(archive, source, name);
        }
    }

    private static MotionClip FromOwn(NumpyArchive archive, string source, string name)
    {
        float[] poses = Bounded(archive.Read("poses").ToSingles(-1, SmplLayout.PoseCount), source, "poses");
        int frames = CheckFrames(poses.Length / SmplLayout.PoseCount, source);
        float rate = Rate(archive.Read("fps"), source, "fps");
        float[] shape = archive.Contains("betas") ? Bounded(archive.Read("betas").ToSingles(SmplLayout.ShapeCount), source, "betas") : [];
        float[] translations = archive.Contains("trans") ? Bounded(archive.Read("trans").ToSingles(frames, 3), source, "trans") : [];
        return new MotionClip(name, rate, poses, translations, shape);
    }

    // AMASS (Mahmood et al. 2019): SMPL-H or SMPL-X poses of 156 or 165 numbers, of which the first 22 joints are SMPL's, z up. Hands stay at rest.
    private static MotionClip FromAmass(NumpyArchive archive, string source, string name)
    {
        const int BodyNumbers = 66;
        NumpyArray array = archive.Read("poses");
        if (array.Shape is not [_, 156 or 165 or SmplLayout.PoseCount])
            throw new ModelFileException(source, "poses", $"its shape is [{string.Join(", ", array.Shape)}]; an AMASS file has [N, 156] or [N, 165].");
        float[] all = Bounded(array.ToSingles(), source, "poses");
        int frames = CheckFrames(array.Shape[0], source), width = array.Shape[1];
        float[] poses = new float[frames * SmplLayout.PoseCount], translations = archive.Contains("trans") ? Bounded(archive.Read("trans").ToSingles(frames, 3), source, "trans") : new float[3 * frames];
        Quaternion upright = Quaternion.CreateFromAxisAngle(Vector3.UnitX, -MathF.PI / 2);
        var root = Vector3.Zero;
        for (int f = 0; f < frames; f++)
        {
            Span<float> pose = poses.AsSpan(f * SmplLayout.PoseCount, SmplLayout.PoseCount);
            all.AsSpan(f * width, BodyNumbers).CopyTo(pose);
            root = AxisAngle.FromQuaternion(upright * AxisAngle.ToQuaternion(pose), root);
            root.CopyTo(pose);
            Vector3.Transform(new Vector3(translations.AsSpan(3 * f, 3)), upright).CopyTo(translations.AsSpan(3 * f, 3));
        }
        NumpyArray rate = archive.Read(archive.Contains("mocap_framerate") ? "mocap_framerate" : "mocap_frame_rate");
        float[] shape = archive.Contains("betas") && archive.Read("betas").ToSingles() is { Length: >= SmplLayout.ShapeCount } betas ? Bounded(betas[..SmplLayout.ShapeCount], source, "betas") : [];
        return new MotionClip(name, Rate(rate, source, "mocap_framerate"), poses, translations, shape);
    }

    // iPER (Liu et al. 2019): cams [N,3], pose [N,72], shape [N,10], in the camera's frame; turned back into the body's.
    private static MotionClip FromIper(PickledArchive file, string source, string name)
    {
        float[] smpl = IperSmpl(file, source);
        int frames = CheckFrames(smpl.Length / SmplLayout.ParameterCount, source);
        float[] poses = new float[frames * SmplLayout.PoseCount], translations = new float[3 * frames], shape = new float[SmplLayout.ShapeCount];
        var root = Vector3.Zero;
        for (int f = 0; f < frames; f++)
        {
            ReadOnlySpan<float> row = smpl.AsSpan(f * SmplLayout.ParameterCount, SmplLayout.ParameterCount);
            Span<float> pose = poses.AsSpan(f * SmplLayout.PoseCount, SmplLayout.PoseCount);
            row.Slice(SmplLayout.PoseOffset, SmplLayout.PoseCount).CopyTo(pose);
            root = AxisAngle.FromQuaternion(Quaternion.Inverse(MotionCamera.BodyToCamera) * AxisAngle.ToQuaternion(pose), root);
            root.CopyTo(pose);
            // A weak-perspective camera that moves is a person who moves: by -tx to the left, by -ty up (y is down there).
            (translations[3 * f], translations[3 * f + 1]) = (row[1], -row[2]);
            for (int b = 0; b < shape.Length; b++)
                shape[b] += row[SmplLayout.ShapeOffset + b] / frames;
        }
        return new MotionClip(name, IperRate, poses, translations, shape);
    }

    /// <summary>The 85 numbers of every frame of an iPER file, camera first.</summary>
    internal static float[] IperSmpl(PickledArchive file, string source)
    {
        float[] cameras = Bounded(file.Read("cams").ToSingles(-1, SmplLayout.CameraCount), source, "cams");
        int frames = cameras.Length / SmplLayout.CameraCount;
        float[] poses = Bounded(file.Read("pose").ToSingles(frames, SmplLayout.PoseCount), source, "pose");
        float[] shapes = Bounded(file.Read("shape").ToSingles(frames, SmplLayout.ShapeCount), source, "shape");
        float[] smpl = new float[frames * SmplLayout.ParameterCount];
        for (int f = 0; f < frames; f++)
        {
            Span<float> row = smpl.AsSpan(f * SmplLayout.ParameterCount, SmplLayout.ParameterCount);
            cameras.AsSpan(3 * f, 3).CopyTo(row);
            poses.AsSpan(f * SmplLayout.PoseCount, SmplLayout.PoseCount).CopyTo(row[SmplLayout.PoseOffset..]);
            shapes.AsSpan(f * SmplLayout.ShapeCount, SmplLayout.ShapeCount).CopyTo(row[SmplLayout.ShapeOffset..]);
        }
        return smpl;
    }

    private static int CheckFrames(int frames, string source) =>
        frames is > 0 and <= MaxFrames ? frames : throw new ModelFileException(source, "poses", $"it holds {frames} frames; 1 to {MaxFrames} are allowed.");

    private static float[] Bounded(float[] values, string source, string name)
    {
        int at = Array.FindIndex(values, v => !(Math.Abs(v) <= Largest));
        return at < 0 ? values : throw new ModelFileException(source, name, $"element {at} is {values[at]}; at most {Largest} is allowed.");
    }

    private static float Rate(NumpyArray array, string source, string name)
    {
        float[] rate = array.ToSingles();
        if (rate.Length != 1 || !(rate[0] >= SlowestRate && rate[0] <= 1000))
            throw new ModelFileException(source, name, $"it is [{string.Join(", ", rate.Take(4))}]; one number from {SlowestRate} to 1000 is needed.");
        return rate[0];
    }

    /// <summary>Writes a motion; the bytes depend on nothing but its numbers.</summary>
    public static void Write(MotionClip clip, Stream stream)
    {
        using var archive = new NumpyArchiveWriter(stream);
        archive.Add("poses", clip.Poses, clip.FrameCount, SmplLayout.PoseCount);
        archive.Add("fps", [clip.FramesPerSecond], []);
        archive.Add("trans", clip.Translations, clip.FrameCount, 3);
        if (!clip.Shape.IsEmpty)
            archive.Add("betas", clip.Shape, SmplLayout.ShapeCount);
    }
}
