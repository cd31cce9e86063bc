using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch.Convolutions;

/// <summary>Tests that every implementation is the same function with the same gradients, in float64, where rounding hides no
/// errors.</summary>
[TestClass]
public sealed class ConvolutionWayTests
{
    private static readonly ConvolutionShape s_plain =
        new(false, 2, 5, 3, (9, 11), (3, 3), (1, 1), (1, 1), (1, 1), (0, 0), 1, true, ScalarType.Float64);

    private static IEnumerable<ConvolutionShape> Shapes =>
    [
        s_plain,
        s_plain with { Inputs = 16, Outputs = 16, Bias = false },
        s_plain with { Inputs = 48, Outputs = 1, Kernel = (7, 7), Padding = (3, 3), Stride = (2, 2) },
        s_plain with { Kernel = (1, 1), Padding = (0, 0) },
        s_plain with { Kernel = (4, 4), Stride = (2, 2), Bias = false },
        s_plain with { Kernel = (3, 5), Stride = (2, 1), Padding = (1, 2), Dilation = (1, 2) },
        s_plain with { Inputs = 6, Outputs = 9, Groups = 3 },
        s_plain with { Transposed = true, Stride = (2, 2), OutputPadding = (1, 1) },
        s_plain with { Transposed = true, Inputs = 48, Outputs = 24, Stride = (2, 2), OutputPadding = (1, 1), Bias = false },
        s_plain with { Transposed = true, Kernel = (4, 3), Stride = (2, 3), OutputPadding = (0, 1), Dilation = (2, 1) },
        s_plain with { Transposed = true, Inputs = 6, Outputs = 9, Groups = 3 },
    ];

    [TestMethod]
    public void AllWaysComputeTheSame()
    {
        var taken = new HashSet<string>();
        foreach (ConvolutionShape shape in Shapes)
        {
            using var scope = NewDisposeScope();
            Tensor[] expected = Compute(ConvolutionWay.All[0], shape);
            CollectionAssert.AreEqual(shape.OutputShape, expected[0].shape, shape.ToString());
            foreach (ConvolutionWay way in ConvolutionWay.All.Skip(1).Where(w => w.Fits(shape)))
            {
                Tensor[] actual = Compute(way, shape);
                for (int i = 0; i < expected.Length; i++)
                    Assert.IsLessThan(1e-12, ((actual[i] - expected[i]).abs().max() / expected[i].abs().max()).item<double>(),
                        $"{shape}, {way.Name}, result {i}");
                taken.Add(way.Name);
            }
        }
        Assert.HasCount(ConvolutionWay.All.Count - 1, taken);
    }

    [TestMethod]
    public void ChannelsArePaddedOnlyWhereThatChangesSomething()
    {
        ConvolutionWay sixteen = ConvolutionWay.All[1], powers = ConvolutionWay.All[2];
        Assert.IsTrue(sixteen.Fits(s_plain));
        Assert.IsFalse(sixteen.Fits(s_plain with { Inputs = 48, Outputs = 32 }));
        Assert.IsTrue(powers.Fits(s_plain with { Inputs = 48, Outputs = 32 }));
        Assert.IsFalse(powers.Fits(s_plain with { Inputs = 16, Outputs = 128 }));
        Assert.IsFalse(sixteen.Fits(s_plain with { Inputs = 6, Outputs = 9, Groups = 3 }), "Every group would need its own zeros.");
    }

    [TestMethod]
    public void TheCheckComputesEveryWayRight()
    {
        // In single precision, unfolded: the part that the check itself adds is correct on every processor.
        foreach (ConvolutionShape shape in Shapes.Select(s => s with { Type = ScalarType.Float32 }))
        {
            using var probe = new ConvolutionProbe(shape, CPU);
            Assert.IsTrue(probe.IsRight(ConvolutionWay.All[^1], out ConvolutionErrors errors), $"{shape}: {errors}");
            Assert.IsLessThan(1e-5, errors.Forward);
        }
    }

    [TestMethod]
    [DataRow(Fault.Forward)]
    [DataRow(Fault.Input)]
    [DataRow(Fault.Weight)]
    [DataRow(Fault.Bias)]
    [DataRow(Fault.NotANumber)]
    public void TheCheckFindsWhatIsWrong(Fault fault)
    {
        ConvolutionShape shape = s_plain with { Type = ScalarType.Float32 };
        using var probe = new ConvolutionProbe(shape, CPU);
        ConvolutionWay right = ConvolutionWay.All[^1];
        Assert.IsFalse(probe.IsRight(new WrongConvolution(right, fault, _ => true, 3e-3), out ConvolutionErrors errors), errors.ToString());
        double[] each = [errors.Forward, errors.Input, errors.Weight, errors.Bias];
        int wrong = fault == Fault.NotANumber ? 0 : (int)fault;
        for (int i = 0; i < each.Length && fault != Fault.NotANumber; i++)
            Assert.AreEqual(i == wrong || fault == Fault.Forward ? 3e-3 : 0, each[i], 1e-4, $"error {i}");
        if (fault != Fault.NotANumber)
            Assert.IsTrue(probe.IsRight(new WrongConvolution(right, fault, _ => true, 5e-4), out _), "what is within the bound");
    }

    // With AVX-512, libtorch's kernels read memory that was never written if the channels do not fill vectors of 16.
    [TestMethod]
    [DataRow(16L, 32L, false)]
    [DataRow(16L, 3L, true)]
    [DataRow(6L, 16L, true)]
    public void ChannelsThatDoNotFillVectorsArePaddedWithAvx512(long inputs, long outputs, bool isRisky)
    {
        ConvolutionShape shape = s_plain with { Inputs = inputs, Outputs = outputs, Groups = 1, Type = ScalarType.Float32 };
        Assert.AreEqual(isRisky, ConvolutionChoices.ReadsUnwritten(shape));
        Assert.IsFalse(ConvolutionChoices.ReadsUnwritten(shape with { Type = ScalarType.Float64 }));
        ConvolutionChoice chosen = new ConvolutionChoices(CPU, ConvolutionWay.All).Check([shape], CancellationToken.None).Choices[0];
        if (ConvolutionMachine.HasVectors512 && isRisky)
        {
            Assert.AreEqual("channels padded to multiples of 16", chosen.Way!.Name);
            StringAssert.Contains(chosen.Wrong, "AVX-512");
        }
    }

    [TestMethod]
    public void TheCheckLeavesRandomNumbersAlone()
    {
        manual_seed(7);
        float expected = Next();
        manual_seed(7);
        using (var probe = new ConvolutionProbe(s_plain with { Type = ScalarType.Float32 }, CPU))
            probe.IsRight(ConvolutionWay.All[^1], out _);
        Assert.AreEqual(expected, Next());

        static float Next()
        {
            using Tensor one = randn(1);
            return one.item<float>();
        }
    }

    private static Tensor[] Compute(ConvolutionWay way, ConvolutionShape shape)
    {
        using var random = new TorchSharp.torch.Generator(3, CPU);
        Tensor Leaf(params long[] sides) => randn(sides, ScalarType.Float64, generator: random).requires_grad_(true);
        List<Tensor> leaves = [Leaf(shape.InputShape), Leaf(shape.WeightShape)];
        if (shape.Bias)
            leaves.Add(Leaf(shape.Outputs));
        Tensor made = way.Compute(shape, leaves[0], leaves[1], shape.Bias ? leaves[2] : null);
        return [made.detach(), .. autograd.grad([made], leaves, [randn(made.shape, ScalarType.Float64, generator: random)])];
    }
}
