using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Motion.Bvh;
using Lwg.MLNet.Motion.Dialects;

namespace Lwg.MLNet.Motion;

/// <summary>
/// Reads and writes motion files: this library's .npz with <c>poses</c> [N,72], <c>fps</c> (one value) and optionally <c>betas</c> [10]
/// and <c>trans</c> [N,3]; the files of common data sets and estimators (<see cref="MotionDialects"/>); BVH. The format is detected by
/// content.
/// </summary>
internal static class MotionFile
{
    /// <summary>The maximum number of frames of a motion.</summary>
    public const int MaxFrames = 1_000_000;

    // One frame in 1000 seconds; a slower rate is damage.
    public const float SlowestRate = 1e-3f;

    // Larger values, in metres, radians or shape parameters, are damage; their squares must stay finite.
    private const float Largest = 1e6f;

    /// <summary>Reads a built-in motion.</summary>
    public static MotionClip ReadBuiltIn(string name)
    {
        string resource = $"motions/{name}.npz";
        Stream stream = typeof(MotionFile).Assembly.GetManifestResourceStream(resource)
            ?? throw new ModelFileException(resource, null, "the library was built without this motion.");
        return Read(stream, resource, name);
    }

    /// <summary>Reads a motion file.</summary>
    public static MotionClip Read(string path, MotionReadOptions? options = null)
    {
        if (!File.Exists(path))
            throw new ModelFileException(path, null,
                $"there is no such file or built-in motion; the built-in motions are {string.Join(", ", MotionClip.BuiltInNames)}.");
        return Read(NumpyArchive.OpenForReading(path), path, Path.GetFileNameWithoutExtension(path), options);
    }

    /// <summary>Reads a motion from a stream and disposes the stream. The format is detected by content.</summary>
    public static MotionClip Read(Stream stream, string source, string name, MotionReadOptions? options = null)
    {
        options ??= new MotionReadOptions();
        using (stream)
        {
            if (PickleFile.IsZip(stream))
            {
                using var archive = new NumpyArchive(stream, source);
                return MotionDialects.Read(OfArchive(archive, source)).ToClip(name, options.UpAxis);
            }
            byte[] start = FileSignature.Start(stream);
            if (FileSignature.IsBvh(start))
                return BvhRetargeting.ToMotion(BvhFile.Read(stream, source), BvhNames.Load(options.JointNames), source)
                    .ToClip(name, options.UpAxis);
            if (start is not [0x80, ..] && FileSignature.Of(start, stream.Length) is { } what)
                throw new ModelFileException(source, null, $"it is not a motion in a supported format (.npz, .pkl or .bvh): it is {what}.");
            (object? value, ReadBudget budget) = PickleFile.Read(stream, source);
            return MotionDialects.Read(new MotionNode(source, "", value, new PickledArrays(source, budget))).ToClip(name, options.UpAxis);
        }
    }

    // Arrays are read on demand, because motion files also contain large arrays that are not used. Object arrays contain numpy pickles.
    private static MotionNode OfArchive(NumpyArchive archive, string source)
    {
        var dictionary = new PickledDictionary();
        foreach (string name in archive.Names)
        {
            NumpyHeader header = archive.ReadHeader(name);
            if (header.Type.Contains('O', StringComparison.Ordinal))
            {
                dictionary[name] = archive.ReadObjects(name);
                continue;
            }
            var array = new Lazy<NumpyArray>(() => archive.Read(name));
            dictionary[name] = (Func<NumpyArray>)(() => array.Value);
        }
        return new MotionNode(source, "", dictionary, new PickledArrays(source, archive.Budget));
    }

    /// <summary>Reads the 85 SMPL parameters of every frame of an iPER file, camera first.</summary>
    internal static float[] IperSmpl(PickledArchive file, string source)
    {
        float[] cameras = Bounded(file.Read("cams").ToSingles(-1, SmplLayout.CameraCount), source, "cams");
        int frames = cameras.Length / SmplLayout.CameraCount;
        float[] poses = Bounded(file.Read("pose").ToSingles(frames, SmplLayout.PoseCount), source, "pose");
        float[] shapes = Bounded(file.Read("shape").ToSingles(frames, SmplLayout.ShapeCount), source, "shape");
        float[] smpl = new float[frames * SmplLayout.ParameterCount];
        for (int f = 0; f < frames; f++)
        {
            var row = new Smpl(smpl.AsSpan(f * SmplLayout.ParameterCount, SmplLayout.ParameterCount));
            cameras.AsSpan(f * SmplLayout.CameraCount, SmplLayout.CameraCount).CopyTo(row.Camera);
            poses.AsSpan(f * SmplLayout.PoseCount, SmplLayout.PoseCount).CopyTo(row.Pose);
            shapes.AsSpan(f * SmplLayout.ShapeCount, SmplLayout.ShapeCount).CopyTo(row.Shape);
        }
        return smpl;
    }

    private static float[] Bounded(float[] values, string source, string name)
    {
        int at = Array.FindIndex(values, v => !(Math.Abs(v) <= Largest));
        return at < 0 ? values : throw new ModelFileException(source, name, $"element {at} is {values[at]}; at most {Largest} is allowed.");
    }

    /// <summary>Writes a motion. The bytes depend only on its values.</summary>
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
