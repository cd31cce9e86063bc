using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>People and pictures for the tests of the stages: a small body (760 faces), small maps.</summary>
internal static class TestBody
{
    /// <summary>The size of the tests' pictures.</summary>
    public const int Size = 64;

    /// <summary>The fixtures' body with a surface, and with parts for the part map: face f belongs to part f mod 10.</summary>
    public static BodyModel Body => s_body.Value;

    private static readonly Lazy<BodyModel> s_body = new(() => MakeBody(Fixture.SurfacedBody.Data));

    /// <summary>Returns a standing person who faces the viewer, with random arms.</summary>
    public static float[] Smpl(int seed)
    {
        var random = new Random(seed);
        var smpl = new float[SmplLayout.ParameterCount];
        (smpl[0], smpl[1], smpl[2]) = (0.85f, 0.1f * (random.NextSingle() - 0.5f), 0.14f);
        smpl[SmplLayout.PoseOffset] = MathF.PI;
        for (int joint = 16; joint < 20; joint++)
        {
            for (int c = 0; c < 3; c++)
                smpl[SmplLayout.PoseOffset + 3 * joint + c] = random.NextSingle() - 0.5f;
        }
        for (int k = 0; k < SmplLayout.ShapeCount; k++)
            smpl[SmplLayout.ShapeOffset + k] = random.NextSingle() - 0.5f;
        return smpl;
    }

    public static PosedBody Pose(float[] smpl) => Pose(Body, smpl);

    /// <summary>Renders the maps of a posed body.</summary>
    public static Maps Render(float[] smpl)
    {
        PosedBody posed = Pose(smpl);
        var maps = new Maps(new int[Size * Size], new float[3 * Size * Size], new float[6 * Body.FaceCount], new float[3 * Size * Size]);
        var points = new float[posed.Vertices.Length];
        Camera.Project(posed.Vertices, smpl.AsSpan(0, 3), points);
        Camera.FacePoints(points, Body.Faces, maps.Points);
        new MeshRasterizer(Size).Draw(points, Body.Faces, maps.FaceIndex, maps.Weights);
        BodyMaps.Condition(maps.FaceIndex, Body.Surface, maps.Condition);
        return maps;
    }

    /// <summary>Creates a picture whose pixels all differ.</summary>
    public static MLImage Picture(int seed, int width = Size, int height = Size)
    {
        var random = new Random(seed);
        byte[] pixels = new byte[4 * width * height];
        random.NextBytes(pixels);
        for (int i = 3; i < pixels.Length; i += 4)
            pixels[i] = 255;
        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, pixels);
    }

    /// <summary>Computes the COCO key points [17,3] of our own body, in pixels of a square picture.</summary>
    public static float[] Keypoints(float[] smpl, int size)
    {
        float[] joints = Pose(BodyModel.Default, smpl).Keypoints2D, keypoints = new float[51];
        for (int k = 0; k < 17; k++)
        {
            int j = Skeleton.CocoToKeypoint[k];
            (keypoints[3 * k], keypoints[3 * k + 1], keypoints[3 * k + 2]) =
                ((joints[2 * j] + 1) * size / 2, (joints[2 * j + 1] + 1) * size / 2, 1);
        }
        return keypoints;
    }

    private static PosedBody Pose(BodyModel body, float[] smpl)
    {
        var posed = new PosedBody(body);
        body.Pose(smpl, posed);
        return posed;
    }

    private static BodyModel MakeBody(BodyModelData data) => new(new BodyModelData
    {
        Template = data.Template,
        ShapeDirections = data.ShapeDirections,
        PoseDirections = data.PoseDirections,
        JointRegressor = data.JointRegressor,
        Parents = data.Parents,
        SkinningWeights = data.SkinningWeights,
        Faces = data.Faces,
        KeypointRegressor = data.KeypointRegressor,
        Uv = data.Uv,
        UvFaces = data.UvFaces,
        Part = [.. Enumerable.Range(0, data.Faces.Length / 3).Select(f => f % 10)],
        FaceFront = data.FaceFront,
        Head = data.Head,
    });

    internal sealed record Maps(int[] FaceIndex, float[] Weights, float[] Points, float[] Condition);
}
