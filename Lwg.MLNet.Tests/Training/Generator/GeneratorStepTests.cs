using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Generator;
using Lwg.MLNet.Training.Torch;
using TorchSharp;

namespace Lwg.MLNet.Training.Tests.Generator;

/// <summary>Compares training steps with a plain recomputation.</summary>
[TestClass]
public sealed class GeneratorStepTests
{
    private const int Judged = 100;

    [TestMethod]
    public void StepsFollowAdamsFormula()
    {
        GeneratorTrainingOptions options = TinyTraining.Options with { GradientLimit = 0.5, AverageDecay = 0.2 };
        using var step = new GeneratorStep(options);
        double[][] state = Doubles(step.Generator);
        (double[] weights, double[] first, double[] second, double[] average) = (state[0], state[1], state[2], state[3]);
        Assert.IsTrue(first.All(v => v == 0) && second.All(v => v == 0), "Adam begins with nothing.");
        CollectionAssert.AreEqual(weights, average);
        for (int k = 1; k <= 3; k++)
        {
            double rate = 1e-3 / k;
            LossValues losses = step.Run(TinyTraining.Batch(options, 2 * k), Judged, rate);
            double[] gradient = Gradient(step.Generator);
            double length = Math.Sqrt(gradient.Sum(g => g * g)), share = Math.Min(1, options.GradientLimit / length);
            Assert.AreEqual(length, losses.Gradient, 1e-4 * length);
            Assert.IsLessThan(1, share, "The gradient is too short to be shortened.");
            double decay = Math.Min(0.2, (1.0 + k) / (10.0 + k));
            for (int i = 0; i < weights.Length; i++)
            {
                double g = share * gradient[i];
                first[i] = 0.5 * first[i] + 0.5 * g;
                second[i] = 0.999 * second[i] + 0.001 * g * g;
                weights[i] -= rate * (first[i] / (1 - Math.Pow(0.5, k))) / (Math.Sqrt(second[i] / (1 - Math.Pow(0.999, k))) + 1e-8);
                average[i] = decay * average[i] + (1 - decay) * weights[i];
            }
            // Weights are singles of size 1: one or two ulps a step. If a gradient is almost 0, its rounding determines the length of the
            // step.
            double[][] found = Doubles(step.Generator);
            for (int i = 0; i < weights.Length; i++)
            {
                Assert.AreEqual(weights[i], found[0][i], 1e-6 + (Math.Abs(gradient[i]) < 1e-6 ? 0.02 * rate : 0), $"step {k}, weight {i}");
                Assert.AreEqual(average[i], found[3][i], 1e-6 + (Math.Abs(gradient[i]) < 1e-6 ? 0.02 * rate : 0), $"step {k}, average {i}");
            }
        }
        Assert.AreEqual(3, step.Generator.Steps);
    }

    [TestMethod]
    public void TheGradientIsThatOfTheWeightedSumOfAllTerms()
    {
        GeneratorTrainingOptions options = TinyTraining.Options with { SmoothWeight = 1 };
        using var step = new GeneratorStep(options);
        PreparedSample[] batch = TinyTraining.Batch(options, 0);
        IReadOnlyList<float[]> start = step.Generator.Save();
        step.Run(batch, Judged, rate: 0);
        double[] gradient = Gradient(step.Generator);
        double length = Math.Sqrt(gradient.Sum(g => g * g));

        // Along the gradient, the loss grows at the rate of the gradient's length: to 2 %, because losses are singles (1e-6) and the step
        // is 2e-3.
        const double Way = 1e-3;
        double Loss(double way)
        {
            float[] moved = [.. start[0].Zip(gradient, (w, g) => (float)(w + way * g / length))];
            step.Generator.Load([moved, .. start.Skip(1)], 0);
            LossValues v = step.Run(batch, Judged, rate: 0);
            Assert.IsTrue(v.IsFinite && v.Adversarial > 0 && v.Smooth > 0, v.ToString());
            return options.SourceWeight * v.Source + options.TargetWeight * v.Target + options.StructureWeight * v.Structure
                + options.BackgroundWeight * v.Background
                + options.MaskWeight * v.Mask + options.SmoothWeight * v.Smooth + options.AdversarialWeight * v.Adversarial;
        }
        Assert.AreEqual(length, (Loss(Way) - Loss(-Way)) / (2 * Way), 0.02 * length);
    }

    [TestMethod]
    public void TheTargetsLossIsThatOfThePicturesThatAreShown()
    {
        GeneratorTrainingOptions options = TinyTraining.Options;
        using var step = new GeneratorStep(options);
        PreparedSample[] batch = TinyTraining.Batch(options, 4);
        LossValues losses = step.Run(batch, 2, 1e-3);
        const int Plane = TinyTraining.Size * TinyTraining.Size;
        float[] targets = step.LastTargets();
        double sum = 0, weights = 0;
        for (int n = 0; n < 2; n++)
        {
            for (int i = 0; i < Plane; i++)
            {
                double weight = 1 + 4 * (1 - batch[n].TargetBackgroundMask[i]);
                weights += weight;
                for (int c = 0; c < 3; c++)
                    sum += weight * Math.Abs(targets[(3 * n + c) * Plane + i] - batch[n].TargetImage[c * Plane + i]) / 3;
            }
        }
        Assert.AreEqual(sum / weights, losses.Target, 1e-5);
    }

    [TestMethod]
    public void TheDiscriminatorLearnsFromItsSampleOn()
    {
        GeneratorTrainingOptions options = TinyTraining.Options with { DiscriminatorFrom = 4 };
        using var step = new GeneratorStep(options);
        PreparedSample[] batch = TinyTraining.Batch(options, 0);
        float[] start = step.Discriminator.Save()[0];
        LossValues before = step.Run(batch, 4, 1e-3);
        CollectionAssert.AreEqual(start, step.Discriminator.Save()[0]);
        Assert.AreEqual(0, before.Adversarial + before.Discriminator);
        LossValues after = step.Run(batch, 5, 1e-3);
        CollectionAssert.AreNotEqual(start, step.Discriminator.Save()[0]);
        Assert.IsGreaterThan(0, after.Adversarial * after.Discriminator);
    }

    [TestMethod]
    public void LearningLowersTheLoss()
    {
        GeneratorTrainingOptions options = TinyTraining.Options with { AdversarialWeight = 0 };
        using var step = new GeneratorStep(options);
        PreparedSample[] batch = TinyTraining.Batch(options, 0);
        double start = step.Run(batch, 2, 2e-3).Target, end = start;
        for (int k = 0; k < 30; k++)
            end = step.Run(batch, 2, 2e-3).Target;
        Assert.IsLessThan(0.8 * start, end, "after 31 steps on the same two samples");
    }

    private static double[][] Doubles(LearnedWeights weights) =>
        [.. weights.Save().Select(values => values.Select(v => (double)v).ToArray())];

    private static double[] Gradient(LearnedWeights weights)
    {
        var all = new List<double>();
        foreach (torch.Tensor leaf in weights.ByName.Values)
        {
            using torch.Tensor gradient = leaf.grad!.contiguous();
            all.AddRange(gradient.data<float>().ToArray().Select(v => (double)v));
        }
        return [.. all];
    }
}
