using System.Security.Cryptography;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Importing;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Networks of the published sizes with random weights: a frame of the generator (d = 64, 256 pixels), a picture of HMR, and the
/// import of a generator.</summary>
internal static class Networks
{
    public const string DefaultName = "default generator, each target", GeneratorName = "generator d=64, each target",
        EstimatorName = "HMR, each picture", ImportName = "import of a generator d=64";

    public const int Size = 256;

    // A call takes seconds.
    private const int Samples = 3;

    private static readonly GeneratorShape s_shape = new() { Width = 64, AlignCorners = true };

    private static readonly NetworkRuntimeOptions s_oneThread = new() { IntraOpNumThreads = 1 };

    private static NetworkGraph Transfer => GeneratorNetwork.BuildTransfer(s_shape);

    /// <summary>Measures the requested lines; the objects of a line exist only during its measurement.</summary>
    public static IEnumerable<string> Rows(Func<string, bool> wanted)
    {
        if (wanted(DefaultName))
            yield return OfGenerator(DefaultName, OwnModels.OpenGenerator().Package, 5 * Samples);
        if (!wanted(GeneratorName) && !wanted(EstimatorName) && !wanted(ImportName))
            yield break;
        string folder = Directory.CreateTempSubdirectory("lwg-benchmark-").FullName;
        try
        {
            if (wanted(GeneratorName))
                yield return OfGenerator(GeneratorName, Full(), Samples);
            if (wanted(EstimatorName))
                yield return OfEstimator();
            if (wanted(ImportName))
                yield return OfImport(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string OfGenerator(string name, ModelPackage package, int samples)
    {
        (IReadOnlyList<Measurement> m, IReadOnlyList<string> names) = Generator(package, threads: 1, samples);
        return Row.Of(name, "ours", Size, m, names);
    }

    /// <summary>Returns a generator of the published size, with random weights.</summary>
    public static ModelPackage Full()
    {
        var manifest = new ModelManifest { Kind = ModelKind.Generator, ImageSize = Size, BodyHash = BodyModel.Default.Hash,
            Generator = s_shape, Licence = "none: random numbers" };
        return LiquidWarpingGenerator.Write(manifest,
            new RandomWeights(GeneratorNetwork.BuildBackground(s_shape), GeneratorNetwork.BuildSource(s_shape), Transfer),
            WeightStorage.Full);
    }

    /// <summary>Measures a target of a generator, and the transfer stream of its file, including warps, in plain sessions of other
    /// runtimes.</summary>
    public static (IReadOnlyList<Measurement> Measured, IReadOnlyList<string> Peers) Generator(ModelPackage package, int threads,
        int samples)
    {
        using var generator = new LiquidWarpingGenerator(package, new NetworkRuntimeOptions { IntraOpNumThreads = threads });
        var scene = new Scene(BodyModel.Default, Size);
        using ITransferWorker worker = Prepared(generator, scene);
        NetworkGraph graph = GeneratorNetwork.BuildTransfer(generator.Shape);
        byte[] file = package.Get(LiquidWarpingGenerator.TransferFile);
        using var bare = new BareSession(file, graph, ShapeOf, threads);
        Peer[] peers = PeersOf(bare, graph, OnnxWeights.Read(file, package.Source), ShapeOf, threads);
        return (Measurement.Of([Target(worker, scene), .. peers.Select(p => p.Run)], samples), [.. peers.Select(p => p.Name)]);

        // Open sides are those of the picture, or of the feature's level.
        long[] ShapeOf(GraphTensor tensor)
        {
            if (tensor.Name == GeneratorNetwork.Flow)
                return [1, Size, Size, 2];
            bool feature = GeneratorNetwork.SourceFeatures(generator.Shape).Any(f => f.Name == tensor.Name);
            int side = feature ? Size >> GeneratorNetwork.LevelOf(generator.Shape, tensor.Name) : Size;
            return [1, tensor.Shape[1], side, side];
        }
    }

    /// <summary>Measures a target of a generator in full precision and in 8 bits, in turn; a generator without calibration is calibrated
    /// first.</summary>
    public static (Measurement Full, Measurement Quantized) Precisions(ModelPackage package, int threads, int samples)
    {
        var runtime = new NetworkRuntimeOptions { IntraOpNumThreads = threads };
        var scene = new Scene(BodyModel.Default, Size);
        if (package.Manifest.ActivationRanges is null)
        {
            using var calibration = new GeneratorCalibration(package, runtime);
            using ITransferWorker watched = Prepared(calibration.Generator, scene);
            Target(watched, scene)();
            package = calibration.ToPackage();
        }
        using LiquidWarpingGenerator full = new(package, runtime),
            quantized = new(package, runtime with { Precision = NetworkPrecision.Quantized });
        using ITransferWorker one = Prepared(full, scene), other = Prepared(quantized, scene);
        IReadOnlyList<Measurement> m = Measurement.Of([Target(one, scene), Target(other, scene)], samples);
        return (m[0], m[1]);
    }

    // Leaves the inputs of a target in the scene.
    private static ITransferWorker Prepared(LiquidWarpingGenerator generator, Scene scene)
    {
        ITransferWorker worker = generator.CreateWorker(Size);
        scene.Assembler.Background(scene.Image, scene.SourceCondition, 13, scene.Four);
        scene.Assembler.Foreground(scene.Image, scene.SourceCondition, scene.Six, scene.One);
        worker.Prepare(new TransferFrame { SourceImage = scene.Image, BackgroundInput = scene.Four, ForegroundInput = scene.Six });
        scene.Assembler.Transfer(scene.Warped, scene.Condition, scene.Six);
        return worker;
    }

    private static Action Target(ITransferWorker worker, Scene scene)
    {
        var result = new TransferResult(Size);
        return () => worker.Generate(new TransferFrame { TransferInput = scene.Six, Flow = scene.Flow }, result);
    }

    private static string OfEstimator()
    {
        NetworkGraph graph = HmrNetwork.Build();
        var weights = new RandomWeights(graph);
        ModelPackage package = LearnedSmplEstimator.FromHmr(weights, "none: random numbers", []);
        using var estimator = new LearnedSmplEstimator(package, s_oneThread);
        using var estimation = new SmplEstimation(estimator);
        using var bare = new BareSession(package.Get(LearnedSmplEstimator.NetworkFile), graph, ShapeOf);
        var picture = new PixelBuffer(HmrNetwork.ImageSize, HmrNetwork.ImageSize);
        new Random(3).NextBytes(picture.Data);
        CropTransform whole = estimation.Whole(picture);
        float[] smpl = new float[SmplLayout.ParameterCount];
        return Row.Measure(new Benchmark(EstimatorName, Estimate, FewestSamples: 5 * Samples,
            Peers: PeersOf(bare, graph, weights, ShapeOf)), "", HmrNetwork.ImageSize);

        // Everything that the stage does for a row.
        void Estimate()
        {
            estimation.Clear();
            estimation.Add(picture, whole);
            estimation.Run();
            estimation.CopySmpl(0, smpl);
        }

        static long[] ShapeOf(GraphTensor tensor) => [.. tensor.Shape.Select(side => side < 0 ? 1L : side)];
    }

    private static Peer[] PeersOf(BareSession bare, NetworkGraph graph, INamedWeights weights, Func<GraphTensor, long[]> shapeOf,
        int threads = 1)
    {
        var session = new Peer("bare ONNX Runtime session", bare.Run);
        return Libtorch.PeerOf(graph, weights, shapeOf, threads) is { } torch ? [session, torch] : [session];
    }

    private static string OfImport(string folder)
    {
        string checkpoint = Path.Combine(folder, "generator.pth"), body = Path.Combine(folder, "body.npz"),
            copy = Path.Combine(folder, "copy"), imported = Path.Combine(folder, "imported");
        LegacyCheckpoint.Write(checkpoint,
            new RandomWeights(GeneratorNetwork.BuildBackground(s_shape), GeneratorNetwork.BuildSource(s_shape, withReconstruction: true),
            Transfer));
        BodyModel.Default.Save(body);
        return Row.Measure(new Benchmark(ImportName, () => PublishedModels.Import([checkpoint, body], imported), DependsOnSize: false,
            FewestSamples: Samples, Peers: new Peer("copy and SHA-256 of the file", () => CopyAndHash(checkpoint, copy))), "ours", Size);
    }

    private static void CopyAndHash(string from, string to)
    {
        File.Copy(from, to, overwrite: true);
        using FileStream stream = File.OpenRead(from);
        SHA256.HashData(stream);
    }
}
