using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Benchmarks;

/// <summary>The benchmarks of all stages from the 85 SMPL parameters to the networks' inputs.</summary>
internal static class Stages
{
    public static IEnumerable<Benchmark> Of(Scene s)
    {
        int size = s.Size;
        float[] box = new float[4], smpl = new float[SmplLayout.ParameterCount];
        // The default body has no pose blend shapes, so there is nothing to read.
        yield return s.Body.Data.PoseDirections.Length == 0
            ? new("pose body", () => s.Body.Pose(s.Target, s.Posed), DependsOnSize: false)
            : new("pose body", () => s.Body.Pose(s.Target, s.Posed), DependsOnSize: false,
            Peers: new Peer("reading the dense pose blend shapes once", () => Peers.Read(s.Body.Data.PoseDirections)));
        PosedBody[] sixteen = [.. Enumerable.Range(0, 16).Select(_ => new PosedBody(s.Body))];
        float[] poses = [.. Enumerable.Repeat(s.Target, 16).SelectMany(t => t)];
        yield return new("pose 16 bodies", () =>
            s.Body.Pose(poses, sixteen), DependsOnSize: false, Peers: new Peer("pose body, 16 times", () =>
        {
            foreach (PosedBody one in sixteen)
                s.Body.Pose(s.Target, one);
        }));
        yield return new("retarget", () =>
            Retargeting.Retarget(s.Source, s.Target, s.Source, CameraStrategy.Smooth, smpl), DependsOnSize: false);
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
        yield return new("rasterise", () =>
            s.Rasterizer.Draw(s.Points, s.Body.Faces, s.FaceIndex, s.Weights),
            Peers: new Peer("plain loop over each face's box", () => Peers.Rasterize(s)));
        yield return new("condition map", () => BodyMaps.Condition(s.FaceIndex, s.Body.Surface, s.Condition));
        yield return new("transformation flow", () => TransformationFlow.Compute(s.FacePoints, s.FaceIndex, s.Weights, s.Flow));
        yield return new("sample (warp)", () =>
            GridSampler.Sample(s.Image, 3, size, size, s.Flow, alignCorners: false, s.Warped),
            Peers: new Peer("plain loop, channel by channel", () => Peers.Sample(s)));
        foreach (int kernel in (int[])[3, 13, 31])
        {
            yield return new($"erode {kernel}", () => s.Morphology.Erode(s.Condition.AsSpan(2 * s.Plane), kernel, s.One),
                Peers: new Peer($"plain {kernel} x {kernel} loop", () => Peers.Erode(s, kernel)));
        }
        yield return new("background input (13)", () => s.Assembler.Background(s.Image, s.SourceCondition, 13, s.Four));
        yield return new("foreground input", () => s.Assembler.Foreground(s.Image, s.SourceCondition, s.Six, s.One));
        yield return new("transfer input", () => s.Assembler.Transfer(s.Warped, s.Condition, s.Six));
        yield return new("flow, warp, all inputs", () => AllInputs(s));
        if (ReferenceEquals(s.Body, BodyModel.Default))
        {
            foreach (Benchmark benchmark in OfPictures(s))
                yield return benchmark;
        }
    }

    /// <summary>Computes everything after rasterising that a target frame and a new source require.</summary>
    public static void AllInputs(Scene s)
    {
        TransformationFlow.Compute(s.FacePoints, s.FaceIndex, s.Weights, s.Flow);
        GridSampler.Sample(s.Image, 3, s.Size, s.Size, s.Flow, alignCorners: false, s.Warped);
        s.Assembler.Background(s.Image, s.SourceCondition, 13, s.Four);
        s.Assembler.Foreground(s.Image, s.SourceCondition, s.Six, s.One);
        s.Assembler.Transfer(s.Warped, s.Condition, s.Six);
        s.Assembler.CropMask(s.Condition, s.One);
    }

    /// <summary>Computes everything that a target frame requires, except for the networks.</summary>
    public static void Frame(Scene s)
    {
        s.Redraw();
        TransformationFlow.Compute(s.FacePoints, s.FaceIndex, s.Weights, s.Flow);
        GridSampler.Sample(s.Image, 3, s.Size, s.Size, s.Flow, alignCorners: false, s.Warped);
        s.Assembler.Transfer(s.Warped, s.Condition, s.Six);
        s.Assembler.CropMask(s.Condition, s.One);
    }

    /// <summary>The stages that process pictures and key points; they need the surface and joints of a real body, so only the default
    /// body is measured.</summary>
    private static IEnumerable<Benchmark> OfPictures(Scene s)
    {
        int size = s.Size;
        var fit = new KeypointFit(s.Body);
        KeypointSet marked = Marked(s.Posed.Keypoints2D, 256);
        yield return new("key point fit", () => fit.Fit(marked, 256), DependsOnSize: false);

        var picture = new PixelBuffer(1024, 768);
        new Random(3).NextBytes(picture.Data);
        CropTransform crop = SquareCrop.AroundBox(300, 50, 700, 700, size);
        yield return new("crop person from 1024 x 768", () => SquareCrop.Crop(picture, crop, size, s.Warped));
        yield return new("compose into 1024 x 768", () => SquareCrop.Compose(picture, s.Image, size, crop));

        using ITransferWorker worker = new TextureWarpGenerator(s.Body).CreateWorker(size);
        var result = new TransferResult(size);
        yield return new("texture warp, once a source", () => worker.Prepare(Frame()));
        yield return new("texture warp, each target", () => worker.Generate(Frame(), result));

        TransferFrame Frame() => new()
        {
            SourceImage = s.Image,
            SourcePoints = s.FacePoints,
            SourceFaceIndex = s.FaceIndex,
            TargetFaceIndex = s.FaceIndex,
            TargetWeights = s.Weights,
        };
    }

    /// <summary>Returns the body's key points as a marked set.</summary>
    public static KeypointSet Marked(float[] keypoints, int size)
    {
        var coco = new float[3 * CocoSkeleton.KeypointCount];
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            for (int c = 0; c < 2; c++)
                coco[3 * k + c] = (keypoints[2 * Skeleton.CocoToKeypoint[k] + c] + 1) / 2 * size;
            coco[3 * k + 2] = 1;
        }
        return KeypointSet.Create(coco);
    }
}
