using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Training.Estimator;
using Lwg.MLNet.Training.Torch;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Estimator;

/// <summary>Compares a step of the estimator's training with a plain recomputation of its losses.</summary>
[TestClass]
public sealed class EstimatorStepTests
{
    private const int Size = TinySnapshots.Size, Grid = Size / PersonNetwork.GridStride, Outline = Size / PersonNetwork.MaskStride,
        Points = 17, Joints = 24;

    // In double precision from the single-precision outputs of the network: sums of a few thousand terms of size 1.
    [TestMethod]
    public void TheLossesFollowTheirDefinitions()
    {
        Snapshot[] batch = TinySnapshots.With(1, 0, 2, 1);
        EstimatorTrainingOptions options = TinySnapshots.Options with { SpotDeviation = 1.5f };
        using var step = new EstimatorStep(options);
        Dictionary<string, float[]> outputs = Outputs(step, batch);
        EstimatorLosses losses = step.Run(batch, 4, rate: 1e-3);
        Assert.IsTrue(losses.IsFinite, losses.ToString());
        Assert.AreEqual((4L, Size), (losses.Samples, losses.Size));
        CollectionAssert.AreEqual(outputs[PersonNetwork.Keypoints], step.LastKeypoints);

        double map = 0, place = 0, known = 0, seen = 0, mask = 0, rotation = 0, camera = 0, shape = 0, people = 0;
        for (int n = 0; n < batch.Length; n++)
        {
            Snapshot s = batch[n];
            for (int k = 0; k < Points; k++)
            {
                (float x, float y, float truth) = (s.Keypoints[3 * k], s.Keypoints[3 * k + 1], s.Keypoints[3 * k + 2]);
                int at = n * Points + k;
                seen += Entropy(outputs[PersonNetwork.SeenLogits][at], truth) / (batch.Length * Points);
                if (truth == 0)
                    continue;
                known++;
                place += (Math.Abs(outputs[PersonNetwork.Keypoints][3 * at] - x)
                    + Math.Abs(outputs[PersonNetwork.Keypoints][3 * at + 1] - y)) / Size;
                double[] log = LogShares([.. outputs[PersonNetwork.KeypointLogits].Skip(at * Grid * Grid).Take(Grid * Grid)
                    .Select(v => (double)v)]);
                double[] spot = LogShares([.. Enumerable.Range(0, Grid * Grid).Select(i =>
                {
                    double dx = i % Grid + 0.5 - x / PersonNetwork.GridStride, dy = i / Grid + 0.5 - y / PersonNetwork.GridStride;
                    return -(dx * dx + dy * dy) / (2 * 1.5 * 1.5);
                })]);
                map -= spot.Zip(log, (p, q) => Math.Exp(p) * q).Sum();
            }
            for (int i = 0; i < Outline * Outline; i++)
            {
                double share = 0;
                for (int p = 0; p < 4; p++)
                    share += s.Mask[(i / Outline * 2 + p / 2) * Size + i % Outline * 2 + p % 2] / 4.0;
                mask += Entropy(outputs[PersonNetwork.MaskLogits][n * Outline * Outline + i], share) / (batch.Length * Outline * Outline);
            }
            for (int p = 0; p < 2; p++)
                seen += Entropy(outputs[PersonNetwork.PresenceLogits][2 * n + p], s.PersonCount > p ? 1 : 0) / (2 * batch.Length);
            if (s.PersonCount == 0)
                continue;
            people++;
            for (int j = 0; j < Joints; j++)
            {
                double[] found = Matrix([.. outputs[PersonNetwork.Rotations].Skip(6 * (n * Joints + j)).Take(6).Select(v => (double)v)]),
                    right = Rotation(s.Smpl.AsSpan(SmplLayout.PoseOffset + 3 * j, 3));
                rotation += found.Zip(right, (a, b) => (a - b) * (a - b)).Average() / Joints;
            }
            double[] numbers = [.. outputs[PersonNetwork.CameraAndShape].Skip(13 * n).Take(13).Select(v => (double)v)];
            double[] wanted = [s.Smpl[0], s.Smpl[0] * s.Smpl[1], s.Smpl[0] * s.Smpl[2], .. s.Smpl.Skip(SmplLayout.ShapeOffset)
                .Select(v => (double)v)];
            for (int i = 0; i < 13; i++)
                (camera, shape) = i < 3 ? (camera + Math.Abs(numbers[i] - wanted[i]) / 3, shape)
                    : (camera, shape + Math.Pow(numbers[i] - wanted[i], 2) / 10);
        }
        Assert.IsTrue(known > 20 && people == 3);
        foreach ((string name, double expected, double found) in new[]
        {
            ("map", map / known, losses.Map), ("place", place / known, losses.Place), ("seen", seen, losses.Seen),
            ("mask", mask, losses.Mask),
            ("rotation", rotation / people, losses.Rotation), ("camera", camera / people, losses.Camera),
            ("shape", shape / people, losses.Shape),
        })
            Assert.AreEqual(expected, found, 2e-4 * (1 + expected), name);
    }

    [TestMethod]
    public void TheGradientIsThatOfTheWeightedSumOfAllTerms()
    {
        Snapshot[] batch = TinySnapshots.With(1, 2);
        EstimatorTrainingOptions o = TinySnapshots.Options with { MapWeight = 0.7f, ShapeWeight = 0.3f };
        using var step = new EstimatorStep(o);
        IReadOnlyList<float[]> start = step.Weights.Save();
        double length = step.Run(batch, 2, rate: 0).Gradient;
        float[] gradient = Gradient(step.Weights);
        Assert.AreEqual(length, Math.Sqrt(gradient.Sum(g => (double)g * g)), 1e-3 * length);

        // Along the gradient, the loss grows at the rate of the gradient's length: to 3 %, because the losses are singles (1e-6 of 10)
        // and the loss is curved over the step of 2e-3.
        const double Way = 1e-3;
        Assert.AreEqual(length, (Loss(Way) - Loss(-Way)) / (2 * Way), 0.03 * length);

        double Loss(double way)
        {
            float[] moved = [.. start[0].Zip(gradient, (w, g) => (float)(w + way * g / length))];
            step.Weights.Load([moved, .. start.Skip(1)], 0);
            EstimatorLosses v = step.Run(batch, 2, rate: 0);
            return o.MapWeight * v.Map + o.PlaceWeight * v.Place + o.SeenWeight * v.Seen + o.MaskWeight * v.Mask + o.RotationWeight
                * v.Rotation + o.CameraWeight * v.Camera + o.ShapeWeight * v.Shape;
        }
    }

    [TestMethod]
    public void PicturesWithoutPeopleTrainOnlyThePresence()
    {
        using var step = new EstimatorStep(TinySnapshots.Options);
        EstimatorLosses losses = step.Run(TinySnapshots.With(0, 0), 2, rate: 1e-3);
        Assert.IsTrue(losses.IsFinite, losses.ToString());
        Assert.AreEqual(0, losses.Map + losses.Place + losses.Rotation + losses.Camera + losses.Shape);
        Assert.IsTrue(losses.Seen > 0 && losses.Mask > 0 && losses.Gradient > 0);
    }

    [TestMethod]
    public void AnEncoderOfPhotographsKeepsItsFirstLayersAndLearnsTheOthersSlowly()
    {
        string path = ResNetWeights.Find()
            ?? throw new AssertInconclusiveException($"{ResNetWeights.PackageName} is not among NuGet's packages");
        Snapshot[] batch = TinySnapshots.With(1, 1);
        using var step = new EstimatorStep(TinySnapshots.Options with { Encoder = path });
        INamedWeights before = step.Weights.Average(), stored = ResNetWeights.Folded(path);
        const double Rate = 1e-3;
        step.Run(batch, 2, Rate);
        foreach ((string name, double share) in new[] { ("encoder.conv1.weight", 0), ("encoder.layer1.1.conv2.weight", 0),
            ("encoder.layer2.0.conv1.weight", 0.1), ("encoder.layer4.1.conv2.weight", 0.1), ("neck.smooth1.weight", 1) })
        {
            float[] values = Read(before, name), learned = step.Weights.ByName[name].data<float>().ToArray();
            if (share < 1)
                CollectionAssert.AreEqual(Read(stored, name["encoder.".Length..]), values, name);
            // The first step of Adam moves every weight that has a gradient by the learning rate; singles of size 1 round at 6e-8.
            Assert.AreEqual(share * Rate, values.Zip(learned, (a, b) => Math.Abs(a - b)).Max(), 1e-6 + 0.01 * share * Rate, name);
        }

        static float[] Read(INamedWeights weights, string name)
        {
            weights.TryGetShape(name, out int[] shape);
            float[] values = new float[shape.Aggregate(1, (a, b) => a * b)];
            weights.Read(name, values);
            return values;
        }
    }

    [TestMethod]
    public void LearningLowersTheLoss()
    {
        Snapshot[] batch = TinySnapshots.With(1, 1);
        using var step = new EstimatorStep(TinySnapshots.Options);
        EstimatorLosses first = step.Run(batch, 2, 1e-3), last = first;
        for (int k = 0; k < 9; k++)
            last = step.Run(batch, 2, 1e-3);
        // The same two pictures ten times: a wrong sign anywhere makes the loss grow.
        Assert.IsLessThan(0.9 * first.Map, last.Map);
        Assert.IsLessThan(0.9 * first.Mask, last.Mask);
        Assert.IsLessThan(0.9 * first.Rotation, last.Rotation);
    }

    private static Dictionary<string, float[]> Outputs(EstimatorStep step, Snapshot[] batch)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor images = tensor(batch.SelectMany(s => s.Image).ToArray()).reshape(batch.Length, 3, Size, Size);
        return new GraphModule(PersonNetwork.Build(Size, training: true), step.Weights.ByName).Forward([images])
            .ToDictionary(o => o.Key, o => o.Value.contiguous().data<float>().ToArray());
    }

    private static float[] Gradient(LearnedWeights weights)
    {
        var all = new List<float>();
        foreach (Tensor leaf in weights.ByName.Values)
        {
            using Tensor? gradient = leaf.grad?.contiguous();
            all.AddRange(gradient is null ? new float[leaf.numel()] : gradient.data<float>().ToArray());
        }
        return [.. all];
    }

    private static double Entropy(double logit, double share) =>
        Math.Max(logit, 0) - logit * share + Math.Log(1 + Math.Exp(-Math.Abs(logit)));

    private static double[] LogShares(double[] logits)
    {
        double most = logits.Max(), sum = Math.Log(logits.Sum(v => Math.Exp(v - most))) + most;
        return [.. logits.Select(v => v - sum)];
    }

    // Row by row: the columns are a, b orthogonalized against it, and their cross product.
    private static double[] Matrix(double[] columns)
    {
        double[] a = Unit(columns[..3]), b = columns[3..];
        double along = a.Zip(b, (x, y) => x * y).Sum();
        b = Unit([.. b.Zip(a, (y, x) => y - along * x)]);
        double[] c = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
        return [a[0], b[0], c[0], a[1], b[1], c[1], a[2], b[2], c[2]];

        static double[] Unit(double[] v)
        {
            double length = Math.Sqrt(v.Sum(x => x * x));
            return [.. v.Select(x => x / length)];
        }
    }

    // Rodrigues.
    private static double[] Rotation(ReadOnlySpan<float> axis)
    {
        double angle = Math.Sqrt((double)axis[0] * axis[0] + (double)axis[1] * axis[1] + (double)axis[2] * axis[2]);
        if (angle < 1e-9)
            return [1, 0, 0, 0, 1, 0, 0, 0, 1];
        double x = axis[0] / angle, y = axis[1] / angle, z = axis[2] / angle, c = Math.Cos(angle), s = Math.Sin(angle), t = 1 - c;
        return [t * x * x + c, t * x * y - s * z, t * x * z + s * y, t * x * y + s * z, t * y * y + c, t * y * z - s * x, t * x * z - s * y,
            t * y * z + s * x, t * z * z + c];
    }
}
