using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Motion;

/// <summary>
/// The motion files: a .npz with <c>poses</c> [N,72], <c>fps</c> (one number) and optionally <c>betas</c> [10] and <c>trans</c> [N,3].
/// </summary>
internal static class MotionFile
{
    private const int MaxFrames = 1_000_000;

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

    /// <summary>Reads a motion from a stream, which is disposed.</summary>
    public static MotionClip Read(Stream stream, string source, string name)
    {
        using (stream)
        {
            using var archive = new NumpyArchive(stream, source);
            float[] poses = archive.Read("poses").ToSingles(-1, SmplLayout.PoseCount);
            int frames = poses.Length / SmplLayout.PoseCount;
            if (frames is 0 or > MaxFrames)
                throw new ModelFileException(source, "poses", $"it holds {frames} frames; 1 to {MaxFrames} are allowed.");
            float[] rate = archive.Read("fps").ToSingles();
            if (rate.Length != 1 || !(rate[0] > 0 && rate[0] <= 1000))
                throw new ModelFileException(source, "fps", $"it is [{string.Join(", ", rate.Take(4))}]; one number above 0 and at most 1000 is needed.");
            float[] shape = archive.Contains("betas") ? archive.Read("betas").ToSingles(SmplLayout.ShapeCount) : [];
            float[] translations = archive.Contains("trans") ? archive.Read("trans").ToSingles(frames, 3) : [];
            return new MotionClip(name, rate[0], poses, translations, shape);
        }
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
