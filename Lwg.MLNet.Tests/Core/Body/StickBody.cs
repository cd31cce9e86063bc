using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

/// <summary>
/// The smallest body with joints and key points at realistic positions: one vertex for each joint or key point, each on one bone, without
/// skin. Left and right are exact mirror images.
/// </summary>
internal static class StickBody
{
    private static readonly (int Bone, float X, float Y, float Z)[] s_points =
    [
        (0, 0, -.22f, .03f), (1, .07f, -.31f, .02f), (2, -.07f, -.31f, .02f), (3, 0, -.11f, 0), (4, .105f, -.69f, .016f),
        (5, -.105f, -.69f, .016f),
        (6, 0, .02f, 0), (7, .09f, -1.09f, -.027f), (8, -.09f, -1.09f, -.027f), (9, 0, .07f, .03f), (10, .116f, -1.14f, .094f),
        (11, -.116f, -1.14f, .094f),
        (12, 0, .29f, -.015f), (13, .08f, .194f, -.008f), (14, -.08f, .194f, -.008f), (15, 0, .35f, .037f), (16, .174f, .226f, -.017f),
        (17, -.174f, .226f, -.017f),
        (18, .43f, .213f, -.042f), (19, -.43f, .213f, -.042f), (20, .683f, .221f, -.045f), (21, -.683f, .221f, -.045f),
        (22, .767f, .214f, -.058f), (23, -.767f, .214f, -.058f),
        (15, 0, .57f, .03f), (15, 0, .41f, .15f), (15, .032f, .45f, .12f), (15, -.032f, .45f, .12f), (15, .075f, .43f, .02f),
        (15, -.075f, .43f, .02f),
    ];

    // The vertex of each of the 19 key points.
    private static readonly int[] s_keypoints = [8, 5, 2, 1, 4, 7, 21, 19, 17, 16, 18, 20, 12, 24, 25, 26, 27, 28, 29];

    /// <summary>Creates the body.</summary>
    public static BodyModel Create()
    {
        int v = s_points.Length;
        float[] template = new float[3 * v], shape = new float[30 * v], joints = new float[24 * v], weights = new float[24 * v],
            keypoints = new float[19 * v];
        for (int i = 0; i < v; i++)
        {
            (int bone, float x, float y, float z) = s_points[i];
            (template[3 * i], template[3 * i + 1], template[3 * i + 2]) = (x, y, z);
            weights[24 * i + bone] = 1;
            if (i < 24)
                joints[i * v + i] = 1;
            bool arm = bone >= 16, leg = y < -.3f;
            float side = MathF.Sign(x);
            float Outward(int from) => MathF.Abs(x) - MathF.Abs(s_points[from].X);
            void Direction(int b, float dx, float dy, float dz) =>
                (shape[30 * i + b], shape[30 * i + 10 + b], shape[30 * i + 20 + b]) = (dx, dy, dz);
            Direction(0, .04f * x, .04f * y, .04f * z);
            Direction(2, arm ? .015f * side : 0, 0, 0);
            Direction(3, leg ? .01f * side : 0, 0, 0);
            Direction(4, 0, leg ? .03f * (y + .31f) : 0, 0);
            Direction(5, arm ? .03f * side * Outward(16) : 0, 0, 0);
            Direction(6, bone == 15 ? .03f * x : 0, bone == 15 ? .03f * (y - .35f) : 0, bone == 15 ? .03f * z : 0);
        }
        for (int k = 0; k < 19; k++)
            keypoints[k * v + s_keypoints[k]] = 1;
        return new BodyModel(new BodyModelData
        {
            Template = template, ShapeDirections = shape, JointRegressor = joints, SkinningWeights = weights, KeypointRegressor = keypoints,
            Parents = Skeleton.Parents.ToArray(), Faces = [0, 1, 2],
        });
    }
}
