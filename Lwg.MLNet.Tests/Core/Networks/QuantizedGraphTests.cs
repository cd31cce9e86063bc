using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Compares 8-bit convolutions with the same arithmetic in plain code.</summary>
[TestClass]
public sealed class QuantizedGraphTests
{
    private const int Channels = 8, Side = 12;

    private static readonly FormulaWeights s_weights = FormulaWeights.For(Graph());

    private static readonly float[] s_picture = FormulaWeights.Input("quantized", Channels * Side * Side);

    [TestMethod]
    public void InputsAndOutputsOfConvolutionsAreObserved()
    {
        NetworkGraph graph = Graph();
        CollectionAssert.AreEqual(new[] { "layer.weight" }, QuantizedGraph.Convolutions(graph).ToArray(),
            "The last one makes three channels of eight, the first reads three.");
        string[] ends = [.. QuantizedGraph.EndsOf("layer.weight")];
        Dictionary<string, float[]> seen = Compute(QuantizedGraph.Observed(graph), [.. ends.Select(e => (e, Array.Empty<long>()))]);
        float[] made = Convolve(s_picture, Kernel());
        float[] expected = [s_picture.Min(), s_picture.Max(), made.Min(), made.Max()];
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(expected[i], seen[ends[i]][0], 1e-5f, ends[i]);
    }

    [TestMethod]
    public void TheResultIsThatOfTheIntegers()
    {
        var range = new ActivationRange(-0.9f, 0.8f, -2, 1.5f);
        float[] actual = Compute(QuantizedGraph.Of(Graph(), new Dictionary<string, ActivationRange> { ["layer.weight"] = range }),
            ("y", [1, Channels, Side, Side]))["y"];
        float[] kernel = Kernel();
        int length = kernel.Length / Channels;
        for (int c = 0; c < Channels; c++)
        {
            Span<float> one = kernel.AsSpan(c * length, length);
            float largest = 0;
            foreach (float w in one)
                largest = MathF.Max(largest, MathF.Abs(w));
            for (int i = 0; i < length; i++)
                one[i] = MathF.Round(one[i] / (largest / 63)) * (largest / 63);
        }
        float[] made = Convolve(Rounded(s_picture, range.InputLow, range.InputHigh), kernel),
            expected = Rounded(made, range.OutputLow, range.OutputHigh);
        // The sums are exact in both, so only a value halfway between two steps can be rounded differently; a step is 3.5 / 255.
        float step = (range.OutputHigh - range.OutputLow) / 255;
        int others = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1.01f * step);
            others += MathF.Abs(expected[i] - actual[i]) > step / 2 ? 1 : 0;
        }
        Assert.IsLessThan(expected.Length / 100, others, "values on the other side of a half");
        Assert.AreEqual(MathF.Round(2 / step) * -step, actual.Min(), step / 100, "What is outside of the range is cut off at its end.");
        Assert.IsGreaterThan(20, actual.Distinct().Count(), "which is many values");
    }

    [TestMethod]
    public void WithoutARangeItStaysAsItIs()
    {
        float[] full = Compute(Graph(), ("y", [1, Channels, Side, Side]))["y"];
        CollectionAssert.AreEqual(full,
            Compute(QuantizedGraph.Of(Graph(), new Dictionary<string, ActivationRange>()), ("y", [1, Channels, Side, Side]))["y"]);
        Fixture.AreClose(Convolve(s_picture, Kernel()), full, 1e-5, "the plain convolution");
    }

    [TestMethod]
    public void AllZerosStayZero()
    {
        NetworkGraph graph = QuantizedGraph.Of(Graph(), new Dictionary<string, ActivationRange> { ["layer.weight"] = new(0, 0, 0, 0) });
        Assert.IsTrue(Array.TrueForAll(
            OnnxRun.Compute(graph, new ArrayOfZeros(s_weights),
            [("x", new float[s_picture.Length], [1, Channels, Side, Side]), ("rgb", new float[3 * Side * Side], [1, 3, Side, Side])],
            [("y", [1, Channels, Side, Side])])["y"], v => v == 0));
    }

    private static NetworkGraph Graph()
    {
        var g = new GraphBuilder("small");
        GraphValue y = g.Conv(g.Input("x", -1, Channels, -1, -1), "layer", Channels, 3, padding: 1);
        g.Output(y, "y", -1, Channels, -1, -1);
        g.Output(g.Conv(g.Input("rgb", -1, 3, -1, -1), "first", Channels, 3, padding: 1), "z", -1, Channels, -1, -1);
        return g.Build();
    }

    private static Dictionary<string, float[]> Compute(NetworkGraph graph, params (string, long[])[] outputs) =>
        OnnxRun.Compute(graph, s_weights,
        [("x", s_picture, [1, Channels, Side, Side]), ("rgb", new float[3 * Side * Side], [1, 3, Side, Side])], outputs);

    private static float[] Kernel()
    {
        float[] kernel = new float[Channels * Channels * 9];
        s_weights.Read("layer.weight", kernel);
        return kernel;
    }

    private static float[] Rounded(float[] values, float low, float high)
    {
        float scale = (high - low) / 255, zero = MathF.Round(-low / scale);
        return [.. values.Select(v => (Math.Clamp(MathF.Round(v / scale) + zero, 0, 255) - zero) * scale)];
    }

    private static float[] Convolve(float[] picture, float[] kernel)
    {
        float[] made = new float[Channels * Side * Side];
        for (int o = 0; o < Channels; o++)
        {
            for (int at = 0; at < Side * Side; at++)
            {
                double sum = 0;
                for (int i = 0; i < Channels; i++)
                {
                    for (int k = 0; k < 9; k++)
                    {
                        (int y, int x) = (at / Side + k / 3 - 1, at % Side + k % 3 - 1);
                        if (y is >= 0 and < Side && x is >= 0 and < Side)
                            sum += picture[(i * Side + y) * Side + x] * (double)kernel[(o * Channels + i) * 9 + k];
                    }
                }
                made[o * Side * Side + at] = (float)sum;
            }
        }
        return made;
    }

    private sealed class ArrayOfZeros(INamedWeights like) : INamedWeights
    {
        public IReadOnlyCollection<string> Names => like.Names;

        public bool TryGetShape(string name, out int[] shape) => like.TryGetShape(name, out shape);

        public void Read(string name, Span<float> destination) => destination.Clear();
    }
}
