using System.Security.Cryptography;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Checkpoints;
using Microsoft.ML.OnnxRuntime;

namespace Lwg.MLNet.Benchmarks;

/// <summary>The networks at the size of the published ones: a frame through the generator, and the import of a checkpoint.</summary>
internal static class Networks
{
    /// <summary>The side of the pictures.</summary>
    public const int Size = 256;

    private static readonly GeneratorShape s_published = new() { AlignCorners = true };

    public static IEnumerable<Benchmark> All()
    {
        string folder = Directory.CreateTempSubdirectory("lwg-benchmark-").FullName;
        try
        {
            NetworkGraph[] graphs = [GeneratorNetwork.BuildBackground(s_published), GeneratorNetwork.BuildSource(s_published, withReconstruction: true), GeneratorNetwork.BuildTransfer(s_published)];
            string checkpoint = Path.Combine(folder, "generator.pth"), model = Path.Combine(folder, "generator");
            LegacyCheckpoint.Write(checkpoint, new NoiseWeights(graphs));
            yield return new("import a checkpoint of the published size", () => Import(checkpoint, model), DependsOnSize: false, "copy and SHA-256 of the file", () => Copy(checkpoint, model + ".copy"));
            using var frame = new Frame(model, graphs[2]);
            yield return new("transfer stream, one frame", frame.Generate, PeerName: "the bare ONNX Runtime session", Peer: frame.Bare);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Import(string checkpoint, string folder)
    {
        Task<string> hash = Task.Run(() => HashOf(checkpoint));
        using TorchCheckpoint weights = TorchCheckpoint.Open(checkpoint);
        ModelPackage.WriteFolder(folder, LiquidWarpingGenerator.FilesOf(s_published, BackgroundComposition.WholePicture, weights, WeightStorage.Full), () => new ModelManifest
        {
            Kind = ModelKind.Generator, ImageSize = Size, Generator = s_published, BodyHash = "any", Licence = "none", Origin = [new ModelOrigin("generator.pth", hash.GetAwaiter().GetResult())],
        });
    }

    private static void Copy(string from, string to)
    {
        using (FileStream source = File.OpenRead(from), target = File.Create(to))
        {
            source.CopyTo(target, 1 << 20);
            target.Flush(flushToDisk: true);
        }
        HashOf(to);
    }

    private static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>One frame of a prepared source: by our worker, and by ONNX Runtime alone on the same arrays.</summary>
    private sealed class Frame : IDisposable
    {
        private const int Plane = Size * Size;

        private readonly LiquidWarpingGenerator _generator;
        private readonly ITransferWorker _worker;
        private readonly TransferResult _result = new(Size);
        private readonly float[] _background = Noise(4), _foreground = Noise(6), _transfer = Noise(6), _flow = Noise(2);
        private readonly InferenceSession _session;
        private readonly RunOptions _options = new();
        private readonly string[] _inputNames, _outputNames;
        private readonly OrtValue[] _inputs, _outputs;

        public Frame(string folder, NetworkGraph transfer)
        {
            _generator = LiquidWarpingGenerator.Load(folder);
            _worker = _generator.CreateWorker(Size);
            _worker.Prepare(new TransferFrame { BackgroundInput = _background, ForegroundInput = _foreground });
            _session = new InferenceSession(Path.Combine(folder, LiquidWarpingGenerator.TransferFile));
            _inputNames = [.. transfer.Inputs.Select(i => i.Name)];
            _outputNames = [.. transfer.Outputs.Select(o => o.Name)];
            _inputs = [.. transfer.Inputs.Select(Value)];
            _outputs = [.. transfer.Outputs.Select(Value)];
        }

        public void Generate() => _worker.Generate(new TransferFrame { TransferInput = _transfer, Flow = _flow }, _result);

        public void Bare() => _session.Run(_options, _inputNames, _inputs, _outputNames, _outputs);

        public void Dispose()
        {
            foreach (OrtValue value in _inputs.Concat(_outputs))
                value.Dispose();
            _options.Dispose();
            _session.Dispose();
            _worker.Dispose();
            _generator.Dispose();
        }

        private static OrtValue Value(GraphTensor tensor)
        {
            int side = tensor.Name.StartsWith("Source", StringComparison.Ordinal) ? Size >> GeneratorNetwork.LevelOf(s_published, tensor.Name) : Size;
            long[] shape = tensor.Name == GeneratorNetwork.Flow ? [1, Size, Size, 2] : [1, tensor.Shape[1], side, side];
            var random = new Random(1);
            return OrtValue.CreateTensorValueFromMemory([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => 2 * random.NextSingle() - 1)], shape);
        }

        private static float[] Noise(int channels)
        {
            var random = new Random(channels);
            return [.. Enumerable.Range(0, channels * Plane).Select(_ => 2 * random.NextSingle() - 1)];
        }
    }
}
