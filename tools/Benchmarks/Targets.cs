using Lwg.MLNet.Backgrounds;
using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Benchmarks;

/// <summary>The measurements that have a target: the stages here, larger units in the other files of this name.</summary>
internal static class Targets
{
    /// <summary>Measures all lines whose names are selected.</summary>
    public static IEnumerable<TargetRow> Rows(Func<string, bool> wanted)
    {
        foreach ((string name, Func<IEnumerable<TargetRow>> measure) in (IEnumerable<(string, Func<IEnumerable<TargetRow>>)>)
            [("rasterise", Rasterise), ("skinning", Skinning), ("inputs", Inputs), ("morphology", Erode),
                ("background fill", FillBackground), ("key point fit", Fit), .. PipelineTargets.All, .. NetworkTargets.All,
                .. PictureTargets.All, .. ProcessTargets.All])
        {
            if (!wanted(name))
                continue;
            foreach (TargetRow row in measure())
                yield return row;
        }
    }

    private static IEnumerable<TargetRow> Rasterise()
    {
        var body = new BodyModel(Bodies.SmplSized());
        foreach ((int size, double most) in ((int, double)[])[(256, 0.5), (512, 1.2)])
        {
            var s = new Scene(body, size);
            IReadOnlyList<Measurement> m = Measurement.Of(
                [() => s.Rasterizer.Draw(s.Points, s.Body.Faces, s.FaceIndex, s.Weights), () => Peers.Rasterize(s)], 5);
            yield return TargetRow.Time("rasterise, indices and weights", $"13,776 faces, {size} px, one thread", most, m[0],
                "plain loop over each face's box", m[1]);
        }
    }

    private static IEnumerable<TargetRow> Skinning()
    {
        var s = new Scene(new BodyModel(Bodies.SmplSized()), 256);
        PosedBody[] sixteen = [.. Enumerable.Range(0, 16).Select(_ => new PosedBody(s.Body))];
        float[] poses = [.. Enumerable.Repeat(s.Target, 16).SelectMany(t => t)];
        IReadOnlyList<Measurement> m = Measurement.Of(
            [() => s.Body.Pose(s.Target, s.Posed), () => s.Body.Pose(poses, sixteen), () => Peers.Read(s.Body.Data.PoseDirections)], 5);
        yield return TargetRow.Share("skinning, one body", "V = 6,890, 207 dense pose blend shapes", 1.3, m[0],
            "reading the blend shapes once", m[2]);
        yield return TargetRow.Share("skinning, a body of 16 at once", "the same", 0.5, m[1], "one body alone", m[0], parts: 16);
    }

    private static IEnumerable<TargetRow> Inputs()
    {
        var s = new Scene(BodyModel.Default, 256);
        yield return TargetRow.Time("flow, warp and all inputs", "256 px", 1, Measurement.Of([() => Stages.AllInputs(s)], 5)[0]);
        void Sample() => GridSampler.Sample(s.Image, 3, s.Size, s.Size, s.Flow, alignCorners: false, s.Warped);
        if (Libtorch.SamplingOf(s) is { } torch)
        {
            IReadOnlyList<Measurement> m = Measurement.Of([Sample, torch.Run], 5);
            yield return TargetRow.Share("grid sampling", "3 channels, 256 px, one thread", 1, m[0], torch.Name, m[1]);
        }
        else
        {
            IReadOnlyList<Measurement> m = Measurement.Of([Sample, () => Peers.Sample(s)], 5);
            yield return TargetRow.Share("grid sampling (the intended peer, libtorch, requires -p:LwgPeers=Torch)",
                "3 channels, 256 px, one thread", 1, m[0], "plain loop", m[1]);
        }
    }

    private static IEnumerable<TargetRow> Erode()
    {
        var s = new Scene(BodyModel.Default, 256);
        IReadOnlyList<Measurement> m = Measurement.Of(
            [() => s.Morphology.Erode(s.Condition.AsSpan(2 * s.Plane), 31, s.One), () =>
                s.Morphology.Erode(s.Condition.AsSpan(2 * s.Plane), 3, s.One)], 5);
        yield return TargetRow.Time("morphology", "256 px, 31 x 31", 0.1, m[0], "the same with 3 x 3", m[1]);
    }

    // A person that hides a third of a room of bricks and boards.
    private static IEnumerable<TargetRow> FillBackground()
    {
        foreach ((int size, double most) in ((int, double)[])[(256, 200), (1024, 2000)])
        {
            int n = size * size, unit = size / 64;
            float[] image = [.. Enumerable.Range(0, 3 * n).Select(i => Wall(i % size / unit, i % n / size / unit, i / n))];
            float[] hole = [.. Enumerable.Range(0, n)
                .Select(i => Math.Abs(i % size - size / 2) < size / 6 && i / size > size / 16 ? 1f : 0)], plate = new float[3 * n];
            IReadOnlyList<Measurement> m = Measurement.Of(
                [() => ExemplarFill.Fill(image, hole, size, plate), () => BackgroundPlate.Fill(image, hole, size, plate)], 5);
            yield return TargetRow.Time("background of a source filled with patches", $"{size} px, a third of it hidden, one thread", most,
                m[0], "the smooth fill", m[1]);
        }

        static float Wall(int x, int y, int c) =>
            y > 48 ? (x % 6 == 0 ? -0.8f : -0.2f - 0.2f * c) : y % 4 == 0 || (x + y / 4 % 2 * 4) % 8 == 0 ? 0.5f : 0.2f - 0.3f * c;
    }

    // A frame of the walk, with the previous frame as the start.
    private static IEnumerable<TargetRow> Fit()
    {
        var s = new Scene(BodyModel.Default, 256);
        var clip = MotionClip.Load("walk");
        float[] smpl = MotionCamera.ToSmpl(clip), before = Frame(10), now = Frame(11);
        s.Body.Pose(now, s.Posed);
        KeypointSet marked = Stages.Marked(s.Posed.Keypoints2D, 256);
        var fit = new KeypointFit(s.Body);
        IReadOnlyList<Measurement> m = Measurement.Of([() => fit.Fit(marked, 256), () => fit.FitNear(before, marked, [], 256)], 5);
        yield return TargetRow.Time("key point fit, a person", "17 points", 60, m[0]);
        yield return TargetRow.Time("key point fit, the next frame", "17 points", 15, m[1]);

        float[] Frame(int number) => smpl[(number * SmplLayout.ParameterCount)..((number + 1) * SmplLayout.ParameterCount)];
    }
}
