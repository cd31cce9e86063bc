using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Training.Generator;
using Lwg.MLNet.Training.Tests.Torch;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Generator;

/// <summary>Compares each loss with plain loops in double precision (to 1e-12), and its gradient with finite differences.</summary>
[TestClass]
public sealed class LossesTests
{
    private const int N = 2, C = 3, H = 12, W = 14;
    private const double Exact = 1e-12;

    [TestMethod]
    public void L1IsTheMeanDifference()
    {
        double[] p = Numbers("p", C), a = Numbers("a", C);
        Check(x => Losses.L1(x, Tensor(a, C)), p, C, p.Zip(a).Average(v => Math.Abs(v.First - v.Second)));
    }

    [TestMethod]
    public void ThePersonIsStressedFivefold()
    {
        double[] p = Numbers("p", C), a = Numbers("a", C), person = [.. Numbers("person", 1).Select(v => v > 0.3 ? 1.0 : 0)],
            w = Stress(person);
        double sum = 0;
        Each(C, (n, c, y, x) => sum += w[At(1, n, 0, y, x)] * Math.Abs(p[At(C, n, c, y, x)] - a[At(C, n, c, y, x)]));
        Check(t => Losses.L1(t, Tensor(a, C), Losses.Stress(Tensor(person, 1))), p, C, sum / p.Length);
    }

    [TestMethod]
    public void L1WithinCountsTheMaskOnly()
    {
        double[] p = Numbers("p", C), a = Numbers("a", C), mask = [.. Numbers("mask", 1).Select(v => v > 0 ? 1.0 : 0)];
        double sum = 0;
        Each(C, (n, c, y, x) => sum += mask[At(1, n, 0, y, x)] * Math.Abs(p[At(C, n, c, y, x)] - a[At(C, n, c, y, x)]));
        Check(t => Losses.L1Within(t, Tensor(a, C), Tensor(mask, 1)), p, C, sum / (mask.Sum() * C + 1));
        using var scope = NewDisposeScope();
        Assert.AreEqual(0, Losses.L1Within(Tensor(p, C), Tensor(a, C), Tensor(new double[mask.Length], 1)).item<double>());
    }

    [TestMethod]
    public void StructureIsOneMinusSsimAtTwoScales()
    {
        double[] p = Numbers("p", C), a = Numbers("a", C), person = [.. Numbers("person", 1).Select(v => v > 0.3 ? 1.0 : 0)],
            w = Stress(person);
        double expected = (Dissimilarity(p, a, w, H, W) + Dissimilarity(Half(p, C), Half(a, C), Half(w, 1), H / 2, W / 2)) / 2;
        Check(t => Losses.Structure(t, Tensor(a, C), Losses.Stress(Tensor(person, 1))), p, C, expected);
        using var scope = NewDisposeScope();
        Assert.AreEqual(0, Losses.Structure(Tensor(a, C), Tensor(a, C), Tensor(w, 1)).item<double>(), Exact, "A picture is like itself.");
    }

    [TestMethod]
    public void MaskIsTheCrossEntropy()
    {
        double[] p = [.. Numbers("p", 1).Select(v => 0.5 + 0.49 * v)], a = [.. Numbers("a", 1).Select(v => (v + 1) / 2)];
        Check(x => Losses.Mask(x, Tensor(a, 1)), p, 1, p.Zip(a)
            .Average(v => -(v.Second * Math.Log(v.First) + (1 - v.Second) * Math.Log(1 - v.First))));
        using var scope = NewDisposeScope();
        Assert.AreEqual(-Math.Log(1e-5), Losses.Mask(zeros(1, 1, 2, 2, ScalarType.Float64), ones(1, 1, 2, 2, ScalarType.Float64))
            .item<double>(), 1e-9, "A mask that is wrong all over costs a finite price.");
    }

    [TestMethod]
    public void TotalVariationIsTheMeanStep()
    {
        double[] p = Numbers("p", 1);
        double down = 0, right = 0;
        Each(1, (n, _, y, x) =>
        {
            down += y > 0 ? Math.Abs(p[At(1, n, 0, y, x)] - p[At(1, n, 0, y - 1, x)]) : 0;
            right += x > 0 ? Math.Abs(p[At(1, n, 0, y, x)] - p[At(1, n, 0, y, x - 1)]) : 0;
        });
        Check(Losses.TotalVariation, p, 1, down / (N * (H - 1) * W) + right / (N * H * (W - 1)));
    }

    [TestMethod]
    [DataRow(1.0)]
    [DataRow(0.0)]
    [DataRow(-1.0)]
    public void TheAdversarialLossIsLeastSquares(double wanted)
    {
        double[] p = Numbers("p", 1);
        Check(x => Losses.Verdict(x, wanted), p, 1, p.Average(v => (v - wanted) * (v - wanted)));
    }

    private static void Check(Func<Tensor, Tensor> loss, double[] values, int channels, double expected)
    {
        using var scope = NewDisposeScope();
        Tensor x = Tensor(values, channels).requires_grad_(true);
        Assert.AreEqual(expected, loss(x).item<double>(), Exact);
        FiniteDifferences.Agree(() => loss(x), new Dictionary<string, Tensor> { ["x"] = x });
    }

    private static double[] Stress(double[] person)
    {
        double mean = person.Average(v => 1 + 4 * v);
        return [.. person.Select(v => (1 + 4 * v) / mean)];
    }

    private static double Dissimilarity(double[] p, double[] a, double[] w, int height, int width)
    {
        double sum = 0;
        for (int n = 0; n < N; n++)
        {
            for (int c = 0; c < C; c++)
            {
                for (int y = 0; y < height; y++)
                {
                    for (int x = 0; x < width; x++)
                    {
                        // Windows are cut off at the picture's edge.
                        var window = new List<(double P, double A)>();
                        for (int v = Math.Max(0, y - 3); v <= Math.Min(height - 1, y + 3); v++)
                        {
                            for (int u = Math.Max(0, x - 3); u <= Math.Min(width - 1, x + 3); u++)
                                window.Add((p[((n * C + c) * height + v) * width + u], a[((n * C + c) * height + v) * width + u]));
                        }
                        double meanP = window.Average(e => e.P), meanA = window.Average(e => e.A);
                        double varP = window.Average(e => (e.P - meanP) * (e.P - meanP)),
                            varA = window.Average(e => (e.A - meanA) * (e.A - meanA)),
                            cov = window.Average(e => (e.P - meanP) * (e.A - meanA));
                        double ssim = (2 * meanP * meanA + 0.0004)
                            * (2 * cov + 0.0036) / ((meanP * meanP + meanA * meanA + 0.0004) * (varP + varA + 0.0036));
                        sum += (1 - ssim) * w[(n * height + y) * width + x];
                    }
                }
            }
        }
        return sum / (N * C * height * width);
    }

    private static double[] Half(double[] values, int channels)
    {
        double[] half = new double[values.Length / 4];
        for (int i = 0; i < half.Length; i++)
        {
            int plane = i / (H / 2 * (W / 2)), y = i / (W / 2) % (H / 2), x = i % (W / 2), at = (plane * H + 2 * y) * W + 2 * x;
            half[i] = (values[at] + values[at + 1] + values[at + W] + values[at + W + 1]) / 4;
        }
        Assert.AreEqual(N * channels * H * W, values.Length);
        return half;
    }

    private static double[] Numbers(string name, int channels) =>
        [.. FormulaWeights.Input(name, N * channels * H * W).Select(v => (double)v)];

    private static Tensor Tensor(double[] values, int channels) => tensor(values).reshape(N, channels, H, W);

    private static int At(int channels, int n, int c, int y, int x) => ((n * channels + c) * H + y) * W + x;

    private static void Each(int channels, Action<int, int, int, int> action)
    {
        for (int n = 0; n < N; n++)
        {
            for (int c = 0; c < channels; c++)
            {
                for (int y = 0; y < H; y++)
                {
                    for (int x = 0; x < W; x++)
                        action(n, c, y, x);
                }
            }
        }
    }
}
