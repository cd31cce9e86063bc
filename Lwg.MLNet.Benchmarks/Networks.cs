using System.Security.Cryptography;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Samples;

namespace Lwg.MLNet.Benchmarks;

/// <summary>The published generator's sizes (d = 64, 256 pixels) with random weights: a frame of it, and importing it.</summary>
internal static class Networks
{
    public const string GeneratorName = "generator d=64, each target", ImportName = "import of a generator d=64";

    private const int Size = 256;

    // A call takes seconds here.
    private const int Samples = 3;

    private static readonly GeneratorShape s_shape = new() { Width = 64, AlignCorners = true };

    private static NetworkGraph Transfer => GeneratorNetwork.BuildTransfer(s_shape);

    /// <summary>Measures the lines that are asked for; what a line needs is there only while it is measured.</summary>
    public static IEnumerable<string> Rows(Func<string, bool> wanted)
    {
        if (!wanted(GeneratorName) && !wanted(ImportName))
            yield break;
        string folder = Directory.CreateTempSubdirectory("lwg-benchmark-").FullName;
        try
        {
            if (wanted(GeneratorName))
                yield return OfGenerator();
            if (wanted(ImportName))
                yield return OfImport(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string OfGenerator()
    {
        var manifest = new ModelManifest { Kind = ModelKind.Generator, ImageSize = Size, BodyHash = BodyModel.Default.Hash, Generator = s_shape, Licence = "none: random numbers" };
        ModelPackage package = LiquidWarpingGenerator.Write(manifest, new RandomWeights(GeneratorNetwork.BuildBackground(s_shape), GeneratorNetwork.BuildSource(s_shape), Transfer), WeightStorage.Full);
        using var generator = new LiquidWarpingGenerator(package, new NetworkRuntimeOptions { IntraOpNumThreads = 1 });
        using ITransferWorker worker = generator.CreateWorker(Size);
        using var bare = new BareSession(package.Get(LiquidWarpingGenerator.TransferFile), Transfer, ShapeOf);
        var scene = new Scene(BodyModel.Default, Size);
        var result = new TransferResult(Size);
        scene.Assembler.Background(scene.Image, scene.SourceCondition, 13, scene.Four);
        scene.Assembler.Foreground(scene.Image, scene.SourceCondition, scene.Six, scene.One);
        worker.Prepare(new TransferFrame { SourceImage = scene.Image, BackgroundInput = scene.Four, ForegroundInput = scene.Six });
        scene.Assembler.Transfer(scene.Warped, scene.Condition, scene.Six);
        return Row.Measure(new Benchmark(GeneratorName, () => worker.Generate(new TransferFrame { TransferInput = scene.Six, Flow = scene.Flow }, result),
            PeerName: "bare ONNX Runtime session", Peer: bare.Run, FewestSamples: Samples), "ours", Size);
    }

    private static string OfImport(string folder)
    {
        string checkpoint = Path.Combine(folder, "generator.pth"), body = Path.Combine(folder, "body.npz"), copy = Path.Combine(folder, "copy"), imported = Path.Combine(folder, "imported");
        LegacyCheckpoint.Write(checkpoint, new RandomWeights(GeneratorNetwork.BuildBackground(s_shape), GeneratorNetwork.BuildSource(s_shape, withReconstruction: true), Transfer));
        BodyModel.Default.Save(body);
        return Row.Measure(new Benchmark(ImportName, () => new ImportRun(new ImportSettings { Sources = [checkpoint, body], Out = imported }, TextWriter.Null).Run(CancellationToken.None), DependsOnSize: false,
            PeerName: "copy and SHA-256 of the file", Peer: () => CopyAndHash(checkpoint, copy), FewestSamples: Samples), "ours", Size);
    }

    private static void CopyAndHash(string from, string to)
    {
        File.Copy(from, to, overwrite: true);
        using FileStream stream = File.OpenRead(from);
        SHA256.HashData(stream);
    }

    // Open sides are those of the picture, or of the level that a feature belongs to.
    private static long[] ShapeOf(GraphTensor tensor)
    {
        if (tensor.Name == GeneratorNetwork.Flow)
            return [1, Size, Size, 2];
        bool feature = GeneratorNetwork.SourceFeatures(s_shape).Any(f => f.Name == tensor.Name);
        int side = feature ? Size >> GeneratorNetwork.LevelOf(s_shape, tensor.Name) : Size;
        return [1, tensor.Shape[1], side, side];
    }
}
