using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>A body's maps at one size.</summary>
/// <param name="Size">S.</param>
/// <param name="Points">The picture points of its faces [F,3,2].</param>
/// <param name="FaceIndex">[S,S].</param>
/// <param name="Weights">[S,S,3].</param>
internal sealed record BodyMap(int Size, float[] Points, int[] FaceIndex, float[] Weights)
{
    public static BodyMap Render(float[] smpl, int size)
    {
        BodyModel body = BodyModel.Default;
        var posed = new PosedBody(body);
        body.Pose(smpl, posed);
        float[] points = new float[posed.Vertices.Length];
        var map = new BodyMap(size, new float[6 * body.FaceCount], new int[size * size], new float[3 * size * size]);
        Camera.Project(posed.Vertices, smpl.AsSpan(0, 3), points);
        Camera.FacePoints(points, body.Faces, map.Points);
        new MeshRasterizer(size).Draw(points, body.Faces, map.FaceIndex, map.Weights);
        return map;
    }

    /// <summary>The silhouette: 1 on the body [S,S].</summary>
    public float[] Silhouette => [.. FaceIndex.Select(f => f >= 0 ? 1f : 0)];
}

/// <summary>A painted person in a pose, with complete ground truth.</summary>
/// <param name="Smpl">The 85 SMPL parameters.</param>
/// <param name="Image">The picture [3,S,S].</param>
/// <param name="Silhouette">The person's coverage of each pixel, with hair and clothes [S,S].</param>
/// <param name="Map">The maps of the body, without hair and clothes.</param>
internal sealed record PaintedPerson(float[] Smpl, float[] Image, float[] Silhouette, BodyMap Map)
{
    public int Size => Map.Size;

    /// <summary>The analysis of the picture, computed once.</summary>
    public TextureWarpSource Analysed => field ??= PaintedPeople.Generator.Analyse(Image, Map.Points, Map.FaceIndex, Size);

    public static PaintedPerson Paint(float[] smpl, PersonLook look, int size)
    {
        var painter = new PersonPainter(BodyModel.Default);
        return new PaintedPerson(smpl, painter.Paint(smpl, look, size).ToTensor(), painter.Silhouette(smpl, look, size),
            BodyMap.Render(smpl, size));
    }
}

/// <summary>Paints the people of the tests, each once.</summary>
internal static class PaintedPeople
{
    /// <summary>The size of the tests' pictures.</summary>
    public const int Size = 128;

    private static readonly Dictionary<(string, int), PaintedPerson> s_painted = [];
    private static readonly Dictionary<string, MotionClip> s_motions = MotionClip.BuiltInNames.ToDictionary(n => n, MotionClip.Load);

    public static TextureWarpGenerator Generator { get; } = new(BodyModel.Default);

    /// <summary>Returns a person as in the sample picture.</summary>
    public static PaintedPerson Source(SamplePerson person, int size = Size) => Cached(person.Name, size, [.. person.Smpl], person.Look);

    /// <summary>Returns a person in a frame of a motion.</summary>
    public static PaintedPerson Target(SamplePerson person, string motion, double at, int size = Size) =>
        Cached($"{person.Name} {motion} {at}", size, TargetSmpl(person, motion, at), person.Look);

    /// <summary>Returns the 85 SMPL parameters of a person in a frame of a motion, as the stages retarget it.</summary>
    /// <param name="person">The person.</param>
    /// <param name="motion">A built-in motion.</param>
    /// <param name="at">0 (the first frame) to 1 (the last one).</param>
    public static float[] TargetSmpl(SamplePerson person, string motion, double at)
    {
        MotionClip clip = s_motions[motion];
        float[] rows = MotionCamera.ToSmpl(clip), target = new float[SmplLayout.ParameterCount];
        int frame = (int)Math.Round(at * (clip.FrameCount - 1));
        Retargeting.Retarget(person.Smpl.ToArray(), rows.AsSpan(frame * target.Length, target.Length), rows.AsSpan(0, target.Length),
            CameraStrategy.Smooth, target);
        return target;
    }

    /// <summary>Transfers a picture's person to the pose of other maps.</summary>
    public static TransferResult Transfer(PaintedPerson source, BodyMap target)
    {
        var result = new TransferResult(target.Size);
        new TextureWarpTarget(target.Size).Draw(source.Analysed, target.FaceIndex, target.Weights, result);
        return result;
    }

    /// <summary>Transfers with a worker, as the stages do.</summary>
    public static TransferResult Transfer(float[] image, BodyMap source, BodyMap target)
    {
        var result = new TransferResult(target.Size);
        using ITransferWorker worker = Generator.CreateWorker(target.Size);
        worker.Prepare(SourceFrame(image, source));
        worker.Generate(TargetFrame(target), result);
        return result;
    }

    public static TransferFrame SourceFrame(float[] image, BodyMap map) =>
        new() { SourceImage = image, SourcePoints = map.Points, SourceFaceIndex = map.FaceIndex };

    public static TransferFrame TargetFrame(BodyMap map) => new() { TargetFaceIndex = map.FaceIndex, TargetWeights = map.Weights };

    /// <summary>Returns the person mask of the result: 1 on the person [S,S].</summary>
    public static float[] Person(TransferResult result) => [.. result.Mask.Select(m => 1 - m)];

    private static PaintedPerson Cached(string name, int size, float[] smpl, PersonLook look)
    {
        lock (s_painted)
        {
            if (!s_painted.TryGetValue((name, size), out PaintedPerson? person))
                s_painted[(name, size)] = person = PaintedPerson.Paint(smpl, look, size);
            return person;
        }
    }
}
