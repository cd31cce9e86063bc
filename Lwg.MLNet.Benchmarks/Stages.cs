using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Everything that happens between the 85 numbers and the networks' inputs, stage by stage.</summary>
internal static class Stages
{
    public static IEnumerable<Benchmark> Of(Scene s)
    {
        int size = s.Size;
        float[] box = new float[4], smpl = new float[85];
        yield return new("pose body", () => s.Body.Pose(s.Target, s.Posed), DependsOnSize: false, "reading the dense pose blend shapes once", () => Peers.Read(s.Body.Data.PoseDirections));
        yield return new("retarget", () => Retargeting.Retarget(s.Source, s.Target, s.Source, CameraStrategy.Smooth, smpl), DependsOnSize: false);
        yield return new("head and body boxes", () =>
        {
            BodyBoxes.Head(s.Posed.Keypoints2D, size, box);
            BodyBoxes.Body(s.Posed.Keypoints2D, size, box);
        }, DependsOnSize: false);
        yield return new("project, face points", () =>
        {
            Camera.Project(s.Posed.Vertices, s.Target.AsSpan(0, 3), s.Points);
            Camera.FacePoints(s.Points, s.Body.Faces, s.FacePoints);
        }, DependsOnSize: false);
        yield return new("rasterise", () => s.Rasterizer.Draw(s.Points, s.Body.Faces, s.FaceIndex, s.Weights), PeerName: "plain loop over each face's box", Peer: () => Peers.Rasterize(s));
        yield return new("condition map", () => BodyMaps.Condition(s.FaceIndex, s.Body.Surface, s.Condition));
        yield return new("transformation flow", () => TransformationFlow.Compute(s.FacePoints, s.FaceIndex, s.Weights, s.Flow));
        yield return new("sample (warp)", () => GridSampler.Sample(s.Image, 3, size, size, s.Flow, alignCorners: false, s.Warped), PeerName: "plain loop, channel by channel", Peer: () => Peers.Sample(s));
        foreach (int kernel in (int[])[3, 13, 31])
        {
            yield return new($"erode {kernel}", () => s.Morphology.Erode(s.Condition.AsSpan(2 * s.Plane), kernel, s.One),
                PeerName: $"plain {kernel} x {kernel} loop", Peer: () => Peers.Erode(s, kernel));
        }
        yield return new("background input (13)", () => s.Assembler.Background(s.Image, s.SourceCondition, 13, s.Four));
        yield return new("foreground input", () => s.Assembler.Foreground(s.Image, s.SourceCondition, s.Six, s.One));
        yield return new("transfer input", () => s.Assembler.Transfer(s.Warped, s.Condition, s.Six));
        yield return new("flow, warp, all inputs", () =>
        {
            TransformationFlow.Compute(s.FacePoints, s.FaceIndex, s.Weights, s.Flow);
            GridSampler.Sample(s.Image, 3, size, size, s.Flow, alignCorners: false, s.Warped);
            s.Assembler.Background(s.Image, s.SourceCondition, 13, s.Four);
            s.Assembler.Foreground(s.Image, s.SourceCondition, s.Six, s.One);
            s.Assembler.Transfer(s.Warped, s.Condition, s.Six);
            s.Assembler.CropMask(s.Condition, s.One);
        });
    }
}
