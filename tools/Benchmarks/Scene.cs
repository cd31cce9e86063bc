using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Benchmarks;

/// <summary>A source and a target person of one body in pictures of one size, with all buffers filled.</summary>
internal sealed class Scene
{
    public Scene(BodyModel body, int size)
    {
        (Body, Size, Plane) = (body, size, size * size);
        Posed = new PosedBody(body);
        Points = new float[3 * body.VertexCount];
        FacePoints = new float[6 * body.FaceCount];
        Rasterizer = new MeshRasterizer(size);
        Assembler = new InputAssembler(size);
        Morphology = new Morphology(size, size);
        FaceIndex = new int[Plane];
        (Weights, Flow, Warped, Condition, SourceCondition) =
            (new float[3 * Plane], new float[2 * Plane], new float[3 * Plane], new float[3 * Plane], new float[3 * Plane]);
        (Four, Six, One) = (new float[4 * Plane], new float[6 * Plane], new float[Plane]);
        var random = new Random(2);
        Image = [.. Enumerable.Range(0, 3 * Plane).Select(_ => 2 * random.NextSingle() - 1)];

        Source = Person(random);
        Target = Person(random);
        Draw(Source);
        BodyMaps.Condition(FaceIndex, body.Surface, SourceCondition);
        Camera.FacePoints(Points, body.Faces, FacePoints);
        Draw(Target);
        BodyMaps.Condition(FaceIndex, body.Surface, Condition);
        TransformationFlow.Compute(FacePoints, FaceIndex, Weights, Flow);
        GridSampler.Sample(Image, 3, size, size, Flow, alignCorners: false, Warped);
    }

    public BodyModel Body { get; }

    public int Size { get; }

    public int Plane { get; }

    public float[] Source { get; }

    public float[] Target { get; }

    public PosedBody Posed { get; }

    public float[] Points { get; }

    public float[] FacePoints { get; }

    public MeshRasterizer Rasterizer { get; }

    public InputAssembler Assembler { get; }

    public Morphology Morphology { get; }

    public int[] FaceIndex { get; }

    public float[] Weights { get; }

    public float[] Flow { get; }

    public float[] Image { get; }

    public float[] Warped { get; }

    public float[] Condition { get; }

    public float[] SourceCondition { get; }

    public float[] Four { get; }

    public float[] Six { get; }

    public float[] One { get; }

    /// <summary>Poses and draws the target again.</summary>
    public void Redraw()
    {
        Draw(Target);
        BodyMaps.Condition(FaceIndex, Body.Surface, Condition);
    }

    private void Draw(float[] smpl)
    {
        Body.Pose(smpl, Posed);
        Camera.Project(Posed.Vertices, smpl.AsSpan(0, 3), Points);
        Rasterizer.Draw(Points, Body.Faces, FaceIndex, Weights);
    }

    // Upright, every joint slightly rotated, nine tenths of the picture high.
    private float[] Person(Random random)
    {
        float[] smpl = [.. Enumerable.Range(0, SmplLayout.ParameterCount).Select(_ => 0.15f * (2 * random.NextSingle() - 1))];
        var person = new Smpl(smpl);
        new Vector3(MathF.PI, 0.1f, 0).CopyTo(person.Root);
        person.SetCamera(1, 0, 0);
        Body.Pose(smpl, Posed);
        float minY = float.MaxValue, maxY = float.MinValue;
        for (int v = 0; v < Body.VertexCount; v++)
            (minY, maxY) = (Math.Min(minY, Posed.Vertices[3 * v + 1]), Math.Max(maxY, Posed.Vertices[3 * v + 1]));
        person.SetCamera(1.8f / (maxY - minY), 0, -(minY + maxY) / 2);
        return smpl;
    }
}
