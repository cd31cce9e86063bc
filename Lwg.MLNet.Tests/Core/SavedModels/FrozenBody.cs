using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Tests.Transforms;

namespace Lwg.MLNet.Tests.SavedModels;

/// <summary>The tests' body with only a few of its pose blend shapes, to keep saved models small.</summary>
internal static class FrozenBody
{
    private const int KeptEvery = 30;

    private static readonly Lazy<BodyModel> s_model = new(() => Thin(TestBody.Body.Data));

    public static BodyModel Model => s_model.Value;

    /// <summary>Renders the face index map of a pose.</summary>
    public static int[] Render(float[] smpl)
    {
        var posed = new PosedBody(Model);
        Model.Pose(smpl, posed);
        float[] points = new float[posed.Vertices.Length], faces = new float[6 * Model.FaceCount];
        Camera.Project(posed.Vertices, smpl.AsSpan(0, 3), points);
        int[] map = new int[FrozenRow.S * FrozenRow.S];
        new MeshRasterizer(FrozenRow.S).Draw(points, Model.Faces, map, new float[3 * map.Length]);
        return map;
    }

    private static BodyModel Thin(BodyModelData data) => new(new BodyModelData
    {
        Template = data.Template,
        ShapeDirections = data.ShapeDirections,
        PoseDirections = [.. data.PoseDirections.Select((v, i) =>
        i % (data.PoseDirections.Length / data.Template.Length) % KeptEvery == 0 ? v : 0)],
        JointRegressor = data.JointRegressor,
        Parents = data.Parents,
        SkinningWeights = data.SkinningWeights,
        Faces = data.Faces,
        KeypointRegressor = data.KeypointRegressor,
        Uv = data.Uv,
        UvFaces = data.UvFaces,
        Part = data.Part,
        FaceFront = data.FaceFront,
        Head = data.Head,
    });
}
