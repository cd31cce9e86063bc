using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>
/// Builds this project's human body, free for any use: a solid modelled in code around SMPL's rest joints, polygonised, remeshed,
/// skinned, unwrapped. The stored result is models/body/lwg_body.npz; models/body/README.md describes it.
/// </summary>
internal static class DefaultBodySculptor
{
    /// <summary>Builds the body; deterministic, takes some seconds.</summary>
    /// <param name="cancel">Cancels the build.</param>
    /// <returns>
    /// The arrays, all filled. The shape parameters are stature, mass, shoulder width, hip width, leg length, arm length, head size,
    /// chest, waist, limb thickness, each in standard deviations of adults.
    /// </returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static BodyModelData Build(CancellationToken cancel = default)
    {
        SculptedSurface surface = SculptedSurface.Build(cancel);
        double[] skin = SkinPainter.Paint(surface);
        float[] joints = Regressors.Joints(surface, skin);
        Chart[] charts = ChartLabels.Assign(surface);
        (float[] uv, int[] uvFaces) = TextureAtlas.Build(surface, charts, cancel);
        int[] turns = CornerOrder.Choose(surface);
        bool[] head = [.. charts.Select((c, f) => c == Chart.Head && Regions.PastSkullBase(surface.Centroid(f)) > 0)];
        return new BodyModelData
        {
            Template = [.. surface.Points.SelectMany(p => new[] { (float)p.X, (float)p.Y, (float)p.Z })],
            ShapeDirections = ShapeSpace.Build(surface, skin),
            PoseDirections = PoseCorrectives.Build(surface, skin),
            JointRegressor = joints,
            Parents = Skeleton.Parents.ToArray(),
            SkinningWeights = [.. skin.Select(w => (float)w)],
            Faces = CornerOrder.Apply(surface.Faces, turns),
            KeypointRegressor = Regressors.Keypoints(surface, joints),
            Uv = uv,
            UvFaces = CornerOrder.Apply(uvFaces, turns),
            Part = [.. charts.Select(c => (int)ChartLabels.PartOf(c))],
            FaceFront = [.. head.Select((h, f) => h && Regions.IsFaceFront(surface.Centroid(f)) ? 1 : 0)],
            Head = [.. head.Select(h => h ? 1 : 0)],
        };
    }
}
