using Lwg.MLNet.Body;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Targets of the networks, compared with the runtimes that compute them.</summary>
internal static class NetworkTargets
{
    private const int Threads = 2, FullSamples = 5, DefaultSamples = 15;

    public static IEnumerable<(string Name, Func<IEnumerable<TargetRow>> Measure)> All =>
    [
        ("transfer stream d = 64", () => [Of("transfer stream d = 64, float32", Networks.Full(), FullSamples)]),
        ("estimator", Estimator),
        ("profile of a whole imitation", Profile),
        ("transfer stream in 8 bits", () =>
        [Quantized("transfer stream d = 64 in 8 bits", Networks.Full(), FullSamples, 1.5),
            Quantized("transfer stream of the default generator (d = 16) in 8 bits", OwnModels.Generator, DefaultSamples)]),
        ("transfer stream of the default generator", () =>
        [Of("transfer stream of the default generator (d = 16)", OwnModels.Generator, DefaultSamples)]),
    ];

    private static TargetRow Of(string what, ModelPackage package, int samples)
    {
        (IReadOnlyList<Measurement> m, IReadOnlyList<string> peers) = Networks.Generator(package, Threads, samples);
        double best = m.Skip(1).Min(p => p.Milliseconds);
        string others = string.Join("; ", peers.Zip(m.Skip(1))
            .Select(p => $"{p.First}: {TargetRow.Number(p.Second.Milliseconds)} ms, "
            + $"{TargetRow.Number(p.Second.Milliseconds / m[0].Milliseconds)} times"));
        return new TargetRow(what, "256 px, two threads", "no slower than the best peer", $"{TargetRow.Number(m[0].Milliseconds)} ms",
            others, m[0].Milliseconds <= best);
    }

    private static TargetRow Quantized(string what, ModelPackage package, int samples, double? wanted = null)
    {
        (Measurement full, Measurement quantized) = Networks.Precisions(package, Threads, samples);
        double times = full.Milliseconds / quantized.Milliseconds;
        return new TargetRow(what, "256 px, two threads", wanted is null ? ""
            : $"{TargetRow.Number(wanted.Value)} times faster or more",
            $"{TargetRow.Number(quantized.Milliseconds)} ms: {TargetRow.Number(times)} times",
            $"full precision: {TargetRow.Number(full.Milliseconds)} ms", wanted is null ? null : times >= wanted);
    }

    private static IEnumerable<TargetRow> Estimator()
    {
        MarkedPhoto photo = SamplePeople.Load("anna");
        var oneThread = new NetworkRuntimeOptions { IntraOpNumThreads = 1 };
        using var single = OwnModels.OpenEstimator(oneThread);
        using ISmplWorker look = single.CreateWorker();
        using var estimator = OwnModels.OpenEstimator(new NetworkRuntimeOptions { IntraOpNumThreads = Threads });
        using var finder = new PersonFinder(estimator, BodyModel.Default);
        using var unrefined = new PersonFinder(estimator, BodyModel.Default, new PersonFindingOptions { Refine = false });
        IReadOnlyList<Measurement> m = Measurement.Of([look.Run, () => unrefined.Find(photo.Picture), () => finder.Find(photo.Picture)],
            DefaultSamples);
        yield return Rate("estimator, one pass", $"{single.PictureSize} px, one thread", 10, m[0]);
        yield return Rate("finding a person: three passes", $"{photo.Picture.Width} x {photo.Picture.Height}, two threads", 10, m[1]);
        yield return Rate("finding a person: three passes, and the body fitted to key points and mask", "the same", 10, m[2]);
        foreach (BlazePoseVariant variant in Enum.GetValues<BlazePoseVariant>().Where(v => Directory.Exists(ModelStore.BlazePoseFolder(v))))
        {
            using var blazePose = (BlazePoseEstimator)SmplEstimator.Open(ModelPackage.LoadFolder(ModelStore.BlazePoseFolder(variant)),
                new NetworkRuntimeOptions { IntraOpNumThreads = Threads });
            using var whole = new PersonFinder(blazePose, BodyModel.Default);
            using var following = new PersonFinder(blazePose, BodyModel.Default, new PersonFindingOptions { FollowFrames = 10_000 });
            IReadOnlyList<Measurement> b = Measurement.Of([() => whole.Find(photo.Picture), () => following.Find(photo.Picture)],
                DefaultSamples);
            yield return Rate($"BlazePose {variant}: detector, two passes, fit", "the same", 15, b[0]);
            yield return Rate($"BlazePose {variant}: the next frame of a film", "the same", 25, b[1]);
        }

        static TargetRow Rate(string what, string at, double least, Measurement m) =>
            new(what, at, $"{least:0} a second or more", $"{TargetRow.Number(1000 / m.Milliseconds)} a second", "",
            1000 / m.Milliseconds >= least);
    }

    // The distribution of a frame's time.
    private static IEnumerable<TargetRow> Profile()
    {
        var scene = new Scene(BodyModel.Default, Networks.Size);
        using var generator = OwnModels.OpenGenerator(new NetworkRuntimeOptions { IntraOpNumThreads = Threads });
        using ITransferWorker network = generator.CreateWorker(Networks.Size);
        using ITransferWorker sharp = new SharpGenerator(BodyModel.Default, generator).CreateWorker(Networks.Size);
        var result = new TransferResult(Networks.Size);
        GeneratorShape shape = generator.Shape;
        (FeatureWarp Warp, float[] From, float[] To)[] features = [.. GeneratorNetwork.SourceFeatures(shape).Select(f =>
        {
            int side = Networks.Size >> GeneratorNetwork.LevelOf(shape, f.Name);
            return (new FeatureWarp(side, shape.AlignCorners), new float[f.Channels * side * side], new float[f.Channels * side * side]);
        })];
        network.Prepare(Frame());
        sharp.Prepare(Frame());
        IReadOnlyList<Measurement> m = Measurement.Of(
        [
            () => Stages.Frame(scene),
            () =>
            {
                foreach ((FeatureWarp warp, float[] from, float[] to) in features)
                {
                    Array.Clear(to);
                    warp.Locate(scene.Flow);
                    warp.Add(from, to);
                }
            },
            () => network.Generate(Frame(), result), () => sharp.Generate(Frame(), result),
        ], DefaultSamples);
        double source = Measurement.Of([() => network.Prepare(Frame())], DefaultSamples)[0].Milliseconds;
        double[] ms = [.. m.Select(one => one.Milliseconds)];
        foreach ((string what, double time) in ((string, double)[])
            [("posing, drawing, flow, inputs", ms[0]), ("warping the features", ms[1]), ("transfer stream, composition", ms[2] - ms[1]),
                ("sharpening", ms[3] - ms[2]), ("a new source: background and source stream", source)])
        {
            yield return new TargetRow($"profile: {what}", "default generator, 256 px, two threads", "", $"{TargetRow.Number(time)} ms", "",
                null);
        }

        TransferFrame Frame() => new()
        {
            SourceImage = scene.Image, SourcePoints = scene.FacePoints, SourceFaceIndex = scene.FaceIndex, BackgroundInput = scene.Four,
            ForegroundInput = scene.Six,
            TransferInput = scene.Six, Flow = scene.Flow, TargetFaceIndex = scene.FaceIndex, TargetWeights = scene.Weights,
        };
    }
}
