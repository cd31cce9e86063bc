using System.Text;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Training.Generator;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Generator;

/// <summary>Compares the perceptual term with the measure, the measure with plain sums, and the network with the package's
/// file.</summary>
[TestClass]
public sealed class PerceptualLossTests
{
    private const int S = 32;

    [TestMethod]
    public void TheDistanceIsThatOfFeaturesOfLengthOne()
    {
        NetworkGraph graph = ResNetNetwork.Build();
        FormulaWeights weights = FormulaWeights.For(graph);
        float[] a = FormulaWeights.Input("a", 3 * S * S), b = FormulaWeights.Input("b", 3 * S * S),
            left = [.. Enumerable.Range(0, S * S).Select(i => i % S < S / 2 ? 1f : 0)];
        Dictionary<string, float[]> ofA = Features(a), ofB = Features(b);
        double[] found = new double[3];
        using var distance = new PerceptualDistance(weights, "formula");
        distance.Compare(a, b, S, [[], left, new float[S * S]], found);
        Assert.AreEqual(Expected(_ => 1), found[0], 1e-4 * found[0]);
        Assert.AreEqual(Expected(x => x < 0.5 ? 1 : 0), found[1], 1e-4 * found[1]);
        Assert.IsTrue(double.IsNaN(found[2]), "nothing is compared where nothing is");
        distance.Compare(a, a, S, [[]], found);
        Assert.AreEqual(0, found[0], 1e-12);

        using var scope = NewDisposeScope();
        using var loss = new PerceptualLoss(weights, "formula");
        Tensor x = Picture(a).requires_grad_(true), all = ones(1, 1, S, S);
        Tensor term = loss.Compare(x, Picture(b), all);
        Assert.AreEqual(Expected(_ => 1), term.item<float>(), 1e-3 * term.item<float>());
        Assert.AreEqual(Expected(x => x < 0.5 ? 1 : 0), loss.Compare(Picture(a), Picture(b), tensor(left).reshape(1, 1, S, S))
            .item<float>(), 1e-3);
        term.backward();
        Assert.IsGreaterThan(0, x.grad!.abs().sum().item<float>());
        Assert.IsTrue(x.grad.isfinite().all().item<bool>());

        Dictionary<string, float[]> Features(float[] picture) => OnnxRun.Compute(
            graph, weights, [(ResNetNetwork.Image, picture, [1, 3, S, S])],
            [.. ResNetNetwork.Features.Select((name, k) => (name, (long[])[1, 64 << k, S >> (2 + k), S >> (2 + k)]))]);

        double Expected(Func<double, double> weightAt) => ResNetNetwork.Features.Average(name =>
        {
            int stage = ResNetNetwork.Features.ToList().IndexOf(name), side = S >> (2 + stage), n = side * side, channels = 64 << stage;
            double sum = 0, total = 0;
            for (int i = 0; i < n; i++)
            {
                double weight = weightAt((i % side + 0.5) / side - 1e-9);
                double[] va = [.. Enumerable.Range(0, channels).Select(c => (double)ofA[name][c * n + i])],
                    vb = [.. Enumerable.Range(0, channels).Select(c => (double)ofB[name][c * n + i])];
                double la = Math.Sqrt(va.Sum(v => v * v) + 1e-12), lb = Math.Sqrt(vb.Sum(v => v * v) + 1e-12);
                (sum, total) = (sum + weight * va.Zip(vb, (p, q) => (p / la - q / lb) * (p / la - q / lb)).Sum(), total + weight);
            }
            return sum / total;
        });
    }

    [TestMethod]
    public void ThePackagesNetworkAndOursGiveTheSameFeatures()
    {
        string path = ResNetWeights.Find()
            ?? throw new AssertInconclusiveException($"{ResNetWeights.PackageName} is not among NuGet's packages");
        const int Side = 224;
        // The output of the third stage's last addition, after its ReLU, by its name in the file.
        byte[] package = WithOutput(File.ReadAllBytes(path), "ReLU347_Output_0", 256, Side / 16);
        float[] picture = FormulaWeights.Input("picture", 3 * Side * Side), bytes = new float[picture.Length],
            theirs = new float[256 * 14 * 14], pooled = new float[512];
        float[] mean = [103.0626f, 115.9029f, 123.1516f];
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < Side * Side; i++)
                bytes[(2 - c) * Side * Side + i] = (picture[c * Side * Side + i] + 1) * 127.5f - mean[2 - c];
        }
        using (NetworkSession session = NetworkSession.Open(package, "ResNet18"))
        using (NetworkRun run = session.CreateRun(("Input247", bytes, [1, 3, Side, Side]), ("ReLU347_Output_0", theirs, [1, 256, 14, 14])))
            run.Run();
        Dictionary<string, float[]> ours =
            OnnxRun.Compute(ResNetNetwork.Build(), ResNetWeights.Read(path), [(ResNetNetwork.Image, picture, [1, 3, Side, Side])],
            [("Stage3", [1, 256, 14, 14])]);
        Assert.IsGreaterThan(1, theirs.Max());
        for (int i = 0; i < theirs.Length; i++)
            Assert.AreEqual(theirs[i], ours["Stage3"][i], 1e-3 * theirs.Max());
    }

    [TestMethod]
    public void FoldedNormalisationsGiveTheSameFeatures()
    {
        const int Side = 64;
        string path = ResNetWeights.Find()
            ?? throw new AssertInconclusiveException($"{ResNetWeights.PackageName} is not among NuGet's packages");
        var g = new GraphBuilder("folded");
        GraphValue[] levels = ResNetNetwork.Levels(g, g.Input(ResNetNetwork.Image, -1, 3, -1, -1), ResNetNetwork.StageCount, folded: true);
        for (int stage = 1; stage < levels.Length; stage++)
            g.Output(levels[stage], $"Stage{stage}", -1, levels[stage].Channels, -1, -1);
        float[] picture = FormulaWeights.Input("folded", 3 * Side * Side);
        (string, long[])[] outputs = [.. Enumerable.Range(1, 3).Select(stage =>
            ($"Stage{stage}", (long[])[1, 32 << stage, Side >> stage + 1, Side >> stage + 1]))];
        Dictionary<string, float[]>
            expected = OnnxRun.Compute(ResNetNetwork.Build(), ResNetWeights.Read(path),
                [(ResNetNetwork.Image, picture, [1, 3, Side, Side])], outputs),
            folded = OnnxRun.Compute(g.Build(), ResNetWeights.Folded(path), [(ResNetNetwork.Image, picture, [1, 3, Side, Side])],
                [.. outputs, ("Stage4", [1, 512, Side / 32, Side / 32])]);
        foreach ((string name, _) in outputs)
            Fixture.AreClose(expected[name], folded[name], 1e-4 * expected[name].Max(), name);
        Assert.IsTrue(folded["Stage4"].All(float.IsFinite) && folded["Stage4"].Max() > 0);
    }

    [TestMethod]
    public void TheExtractInHalfPrecisionGivesTheSameFeatures()
    {
        string path = ResNetWeights.Find()
            ?? throw new AssertInconclusiveException($"{ResNetWeights.PackageName} is not among NuGet's packages");
        string extract = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (FileStream file = File.Create(extract))
                OnnxFile.Write(file, ResNetNetwork.Build(), ResNetWeights.Read(path), WeightStorage.Half);
            Assert.IsLessThan(8 << 20, new FileInfo(extract).Length);
            float[] a = FormulaWeights.Input("a", 3 * 64 * 64), b = FormulaWeights.Input("b", 3 * 64 * 64);
            double[] whole = new double[1], half = new double[1];
            using (var distance = new PerceptualDistance(path))
                distance.Compare(a, b, 64, [[]], whole);
            using (var distance = new PerceptualDistance(extract))
                distance.Compare(a, b, 64, [[]], half);
            Assert.AreEqual(whole[0], half[0], 0.01 * whole[0]);
        }
        finally
        {
            File.Delete(extract);
        }
    }

    [TestMethod]
    public void AnotherNetworkIsRefused()
    {
        string message = Assert.ThrowsExactly<ModelFileException>(() =>
            new PerceptualLoss(FormulaWeights.Discriminator, "other.pth").Dispose()).Message;
        StringAssert.Contains(message, "other.pth");
        StringAssert.Contains(message, "conv1.weight");
    }

    private static Tensor Picture(float[] values) => tensor(values).reshape(1, 3, S, S);

    // Adds an output to a model: its graph is field 7, and an output of a graph is field 12.
    private static byte[] WithOutput(byte[] onnx, string name, int channels, int side)
    {
        byte[] shape = [.. new[] { 1, channels, side, side }.SelectMany(d => Field(1, [8, .. Varint(d)]))];
        byte[] type = Field(1, [8, 1, .. Field(2, shape)]);
        byte[] output = Field(12, [.. Field(1, Encoding.UTF8.GetBytes(name)), .. Field(2, type)]);
        using var made = new MemoryStream();
        foreach (ProtobufField field in ProtobufReader.Fields(onnx))
        {
            if (field.Number == 7)
                made.Write(Field(7, [.. field.Bytes.Span, .. output]));
            else if (field.Wire == ProtobufReader.BytesWire)
                made.Write(Field(field.Number, field.Bytes.ToArray()));
            else
                made.Write([(byte)(field.Number << 3), .. Varint((long)field.Varint)]);
        }
        return made.ToArray();
    }

    private static byte[] Field(int number, byte[] content) => [(byte)(number << 3 | 2), .. Varint(content.Length), .. content];

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        for (; value > 127; value >>= 7)
            bytes.Add((byte)(value | 128));
        return [.. bytes, (byte)value];
    }
}
