using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Batch;

/// <summary>The poses that requests name: a frame of a motion, or the pose that the estimator finds in a reference picture.</summary>
internal sealed class ReferencePoses
{
    // Bounds the memory for long tables: a cache that has this many entries is cleared.
    private const int MostKept = 10_000;

    private readonly MLContext _mlContext;
    private readonly IPictures _folder;
    private readonly TextWriter _output;
    private readonly ITransformer _finder;
    private readonly Dictionary<string, float[]> _motions = [];
    private readonly Dictionary<string, float[]> _pictures = [];

    public ReferencePoses(MLContext mlContext, IPictures folder, SmplEstimator estimator, int size, TextWriter output)
    {
        (_mlContext, _folder, _output) = (mlContext, folder, output);
        _finder = mlContext.Transforms.FindPerson(estimator, "Reference", size).Fit(mlContext.Data.LoadFromEnumerable<ReferenceRow>([]));
    }

    /// <summary>Returns the SMPL parameters of the pose [85], and those of the first frame of its motion [85].</summary>
    /// <exception cref="LwgException">The motion or picture cannot be read, has no such frame, or shows no person.</exception>
    public (float[] Smpl, float[] Origin) Of(Request request)
    {
        if (request.Reference.Length > 0)
        {
            float[] pose = Known(_pictures, request.Reference, Estimate);
            return (pose, pose);
        }
        float[] frames = Known(_motions, request.Motion, Load);
        int at = SmplLayout.ParameterCount * request.FrameNumber(frames.Length / SmplLayout.ParameterCount);
        return (frames[at..(at + SmplLayout.ParameterCount)], frames[..SmplLayout.ParameterCount]);
    }

    private static float[] Known(Dictionary<string, float[]> cache, string name, Func<string, float[]> make)
    {
        if (cache.TryGetValue(name, out float[]? known))
            return known;
        if (cache.Count == MostKept)
            cache.Clear();
        return cache[name] = make(name);
    }

    private float[] Load(string motion)
    {
        if (MotionClip.BuiltInNames.Contains(motion))
            return MotionClip.Load(motion).ToSmpl();
        string path = _folder.Locate(motion);
        if (!File.Exists(path))
            throw new RequestException($"'{motion}' is not a motion: neither one of {string.Join(", ", MotionClip.BuiltInNames)} nor a "
                + $"file in the folder of the pictures.");
        try
        {
            return MotionClip.Load(path).ToSmpl();
        }
        catch (ModelFileException e)
        {
            // The error contains the name in the table, because the folder may differ between shards.
            throw new ModelFileException(motion, e.Entry, e.Reason, e);
        }
    }

    private float[] Estimate(string picture)
    {
        byte[] file = _folder.Read(picture);
        using MLImage photo = ImageCodec.ToImage(ImageCodec.Decode(file, picture));
        Stills.TellLeftOut(_output, picture, ImageCodec.Inspect(file, picture));
        return _finder.Transform(_mlContext.Data.LoadFromEnumerable([new ReferenceRow(photo)])).GetColumn<float[]>("ReferenceSmpl")
            .Single();
    }

    private sealed class ReferenceRow(MLImage photo)
    {
        [AnySizeImage]
        public MLImage ReferencePhoto { get; } = photo;
    }
}
