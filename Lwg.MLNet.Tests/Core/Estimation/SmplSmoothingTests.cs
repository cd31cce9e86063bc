using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Motion;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>Tests that steady values stay, noise decreases, nothing lags, and people are separated.</summary>
[TestClass]
public sealed class SmplSmoothingTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(30)]
    public void ConstantValuesStayConstant(int count)
    {
        float[] still = Walk()[7];
        // The rotations are converted to quaternions in single precision.
        foreach (float[] frame in SmplSmoothing.Smooth([.. Enumerable.Repeat(still, count)],
            new SmplSmoothingOptions { OutlierFactor = 6 }))
            Fixture.AreClose(still, frame, 2e-6, "a frame");
    }

    [TestMethod]
    public void NoiseFallsByNearlyHalfOnAWalk()
    {
        float[][] truth = Walk(), noisy = WithNoise(truth, 0.05);
        float[][] smoothed = SmplSmoothing.Smooth(noisy);
        double before = PoseError(truth, noisy), after = PoseError(truth, smoothed);
        Console.WriteLine($"pose {before:0.0000} -> {after:0.0000} rad, {after / before:P0}; camera "
            + $"{CameraError(truth, noisy):0.0000} -> {CameraError(truth, smoothed):0.0000}");
        // A parabola of this width passes 49 % of independent noise; the walk itself loses a little, and the ends are worse.
        Assert.IsLessThan(0.58, after / before);
        Assert.IsLessThan(0.58, CameraError(truth, smoothed) / CameraError(truth, noisy));
        // Without noise the walk (two steps a second) changes by less than a degree.
        Assert.IsLessThan(Math.PI / 180, PoseError(truth, SmplSmoothing.Smooth(truth)));
    }

    [TestMethod]
    public void NothingLags()
    {
        float[][] noisy = WithNoise(Walk(), 0.05);
        float[][] forwards = SmplSmoothing.Smooth(noisy), backwards = [.. SmplSmoothing.Smooth([.. noisy.Reverse()]).Reverse()];
        for (int t = 0; t < noisy.Length; t++)
            Assert.IsLessThan(1e-5, Angles(forwards[t], backwards[t]).Max(), $"frame {t}: time has no direction");

        // Uniform or accelerated motion is unchanged, at the ends too.
        float[][] moving = [.. Enumerable.Range(0, 20).Select(t => Standing(turn: 0.02 * t, 0.8f + 0.01f * t, 0.05f * t, 0.002f * t * t))];
        float[][] smoothed = SmplSmoothing.Smooth(moving);
        for (int t = 0; t < moving.Length; t++)
        {
            for (int k = 0; k < 3; k++)
                Assert.AreEqual(moving[t][k], smoothed[t][k], 1e-5, $"frame {t}, camera {k}");
            Assert.IsLessThan(1e-4, Angles(moving[t], smoothed[t])[0], $"frame {t}, root");
        }
    }

    [TestMethod]
    public void TurnsGoThroughPi()
    {
        // A turn of 12 degrees a frame, more than one full turn, with vectors no longer than pi, which jump on the way.
        float[][] turning = [.. Enumerable.Range(0, 50).Select(t => Standing(turn: 12 * t * Math.PI / 180, 0.8f, 0, 0))];
        Assert.IsTrue(turning.Zip(turning.Skip(1)).Any(p => Enumerable.Range(3, 3).Any(k => Math.Abs(p.First[k] - p.Second[k]) > 2)),
            "The vectors jump.");
        float[][] smoothed = SmplSmoothing.Smooth(turning);
        for (int t = 0; t < turning.Length; t++)
        {
            Assert.IsLessThan(0.01, Angles(turning[t], smoothed[t])[0], $"frame {t}");
            for (int k = 3; t > 0 && k < 6; k++)
                Assert.IsLessThan(0.5f, Math.Abs(smoothed[t][k] - smoothed[t - 1][k]), "The smoothed vectors do not jump.");
        }
    }

    [TestMethod]
    public void OutliersAreFilledInByOption()
    {
        float[][] truth = Walk(), noisy = WithNoise(truth, 0.02);
        const int Wrong = 20, Joint = 16;
        for (int c = 0; c < 3; c++)
            noisy[Wrong][SmplLayout.PoseOffset + 3 * Joint + c] += 1;
        noisy[Wrong + 5][1] += 0.6f;
        // At the end there are neighbours on one side only.
        noisy[^1][SmplLayout.PoseOffset + 3] += 1.5f;
        float[][] with = SmplSmoothing.Smooth(noisy, new SmplSmoothingOptions { OutlierFactor = 6 }), without = SmplSmoothing.Smooth(noisy);
        Assert.IsGreaterThan(0.3, Angles(truth[Wrong], without[Wrong])[Joint]);
        // 0.02 radians of noise, and the residual of a parabola.
        Assert.IsLessThan(0.08, Angles(truth[Wrong], with[Wrong])[Joint]);
        // The line is extrapolated by a frame there, and the hip swings.
        Assert.IsLessThan(0.15, Angles(truth[^1], with[^1])[1]);
        Assert.AreEqual(truth[Wrong + 5][1], with[Wrong + 5][1], 0.04);
        Assert.IsGreaterThan(0.1, Math.Abs(truth[Wrong + 5][1] - without[Wrong + 5][1]));

        // Without smoothing, all other values are unchanged.
        float[][] only = SmplSmoothing.Smooth(noisy, new SmplSmoothingOptions { OutlierFactor = 6, Bandwidth = 0, ShareShape = false });
        Assert.IsLessThan(0.1, Angles(truth[Wrong], only[Wrong])[Joint]);
        Assert.IsLessThan(1e-5, Angles(noisy[Wrong - 1], only[Wrong - 1]).Max());
    }

    [TestMethod]
    public void TheShapeIsSharedAndOneBadFrameDoesNotMoveIt()
    {
        var random = new Random(3);
        float[][] frames = [.. Walk().Select(f => (float[])f.Clone())];
        foreach (float[] frame in frames)
            frame[SmplLayout.ShapeOffset] = 1 + 0.1f * (random.NextSingle() - 0.5f);
        frames[4][SmplLayout.ShapeOffset] = 50;
        float[][] smoothed = SmplSmoothing.Smooth(frames);
        Assert.AreEqual(1, smoothed[0][SmplLayout.ShapeOffset], 0.02f);
        Assert.IsTrue(smoothed.All(f => f.AsSpan(SmplLayout.ShapeOffset).SequenceEqual(smoothed[0].AsSpan(SmplLayout.ShapeOffset))));
        CollectionAssert.AreEqual(frames[4][SmplLayout.ShapeOffset..],
            SmplSmoothing.Smooth(frames, new SmplSmoothingOptions { ShareShape = false })[4][SmplLayout.ShapeOffset..]);
    }

    [TestMethod]
    public void DataAreSmoothedPersonByPerson()
    {
        var context = new MLContext(seed: 1);
        float[][] walk = WithNoise(Walk(), 0.05), dance = WithNoise(Clip("dance"), 0.05);
        Row[] rows = [.. Enumerable.Range(0, 40)
            .Select(i => new Row { Number = i, Person = i % 3 == 0 ? "Ben" : "Anna", Smpl = i % 3 == 0 ? dance[i / 3]
            : walk[i - i / 3 - 1] })];
        IDataView data = context.Data.LoadFromEnumerable(rows), smooth = context.Data.SmoothSmpl(data, personColumnName: "Person");
        Row[] smoothed = [.. context.Data.CreateEnumerable<Row>(smooth, reuseRowObject: false)];
        CollectionAssert.AreEqual(rows.Select(r => r.Number).ToArray(), smoothed.Select(r => r.Number).ToArray());
        foreach (string person in (string[])["Anna", "Ben"])
        {
            float[][] alone = SmplSmoothing.Smooth([.. rows.Where(r => r.Person == person).Select(r => r.Smpl)]);
            foreach ((float[] expected, Row row) in alone.Zip(smoothed.Where(r => r.Person == person)))
                CollectionAssert.AreEqual(expected, row.Smpl);
        }
        Assert.AreEqual(40, smooth.GetRowCount() ?? 40);

        // Keys and numbers identify people as text does; another output name keeps the input column.
        IDataView keyed = context.Transforms.Conversion.MapValueToKey("Key", "Person").Fit(data).Transform(data);
        CollectionAssert.AreEqual(smoothed[5].Smpl, context.Data.SmoothSmpl(keyed, personColumnName: "Key").GetColumn<float[]>("Smpl")
            .ElementAt(5));
        IDataView both = context.Data.SmoothSmpl(data, "SmoothSmpl", "Smpl");
        CollectionAssert.AreEqual(rows[5].Smpl, both.GetColumn<float[]>("Smpl").ElementAt(5));
        CollectionAssert.AreNotEqual(rows[5].Smpl, both.GetColumn<float[]>("SmoothSmpl").ElementAt(5));
        Assert.IsEmpty(context.Data.SmoothSmpl(context.Data.LoadFromEnumerable(Array.Empty<Row>())).GetColumn<float[]>("Smpl").ToArray());
    }

    [TestMethod]
    public void RowsWithoutAPersonAreReturnedAndDoNotCount()
    {
        var context = new MLContext(seed: 1);
        float[][] walk = WithNoise(Walk(), 0.05)[..24];
        float[] none = new float[SmplLayout.ParameterCount];
        float[][] rows = [.. walk.Select((frame, i) => i is 0 or 9 or 10 ? none : frame)];
        float[][] smoothed = [.. context.Data.SmoothSmpl(context.Data.LoadFromEnumerable(rows.Select(r => new Row { Smpl = r })))
            .GetColumn<float[]>("Smpl")];
        bool[] known = [.. rows.Select(r => r != none)];
        float[][] filled = SmplSmoothing.Smooth(SmplGaps.Fill(rows, known));
        for (int i = 0; i < rows.Length; i++)
            CollectionAssert.AreEqual(known[i] ? filled[i] : none, smoothed[i], $"row {i}");
        // The shared shape is that of the rows with a person, and cameras stay near their own.
        Assert.AreEqual(walk[0][SmplLayout.ShapeOffset], smoothed[8][SmplLayout.ShapeOffset], 0.1f);
        Assert.AreEqual(walk[8][0], smoothed[8][0], 0.05f * walk[8][0]);
        IDataView nobody = context.Data.LoadFromEnumerable([new Row { Smpl = none }]);
        CollectionAssert.AreEqual(none, context.Data.SmoothSmpl(nobody).GetColumn<float[]>("Smpl").Single());
    }

    [TestMethod]
    public void ErrorsAreReported()
    {
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable(
            [new Row { Smpl = new float[85] }, new Row { Smpl = [.. Enumerable.Repeat(float.NaN, 85)] }]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => context.Data.SmoothSmpl(data, "Gone")).Message,
            "'Gone'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => context.Data.SmoothSmpl(data, "Number")).Message,
            "vector of Single [85]");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            context.Data.SmoothSmpl(data, personColumnName: "Smpl")).Message, "text, a key or a whole number");
        StringAssert.Contains(Assert.ThrowsExactly<LwgException>(() =>
            context.Data.SmoothSmpl(data).GetColumn<float[]>("Smpl").ToArray()).Message, "row 1: element 0 is NaN");
        foreach (SmplSmoothingOptions bad in (SmplSmoothingOptions[])[new() { FramesPerSecond = 0 }, new() { Bandwidth = -1 },
            new() { OutlierFactor = 1 }])
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => context.Data.SmoothSmpl(data, options: bad));
        Assert.Throws<ArgumentException>(() => SmplSmoothing.Smooth([new float[84]]));
    }

    private static float[][] Walk() => Clip("walk");

    private static float[][] Clip(string name) =>
        [.. MotionCamera.ToSmpl(MotionClip.Load(name), MotionCamera.DefaultScale).Chunk(SmplLayout.ParameterCount)];

    // Returns a person facing the camera and turned about the vertical axis, as a vector no longer than pi.
    private static float[] Standing(double turn, float scale, float x, float y)
    {
        var smpl = new float[SmplLayout.ParameterCount];
        (smpl[0], smpl[1], smpl[2]) = (scale, x, y);
        float[] upright = new float[9], turned = new float[9], root = new float[9];
        Rotations.FromEuler(Math.PI, 0, 0, upright);
        Rotations.FromEuler(0, turn, 0, turned);
        Rotations.Multiply(turned, upright, root);
        Rotations.ToAxisAngle(root, smpl.AsSpan(SmplLayout.PoseOffset, 3));
        return smpl;
    }

    private static float[][] WithNoise(float[][] frames, double deviation)
    {
        var random = new Random(11);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return [.. frames.Select(f => f.Select((v, k) => k < SmplLayout.ShapeOffset ? v + (float)(deviation * (k < 3 ? 0.2 : 1) * Normal())
            : v).ToArray())];
    }

    private static double PoseError(float[][] a, float[][] b) =>
        Math.Sqrt(a.Zip(b).SelectMany(p => Angles(p.First, p.Second)).Average(angle => angle * angle));

    private static double CameraError(float[][] a, float[][] b) =>
        Math.Sqrt(a.Zip(b).SelectMany(p => Enumerable.Range(0, 3).Select(k => Math.Pow(p.First[k] - p.Second[k], 2))).Average());

    // Computes the angle between the rotations of each joint from the difference of their matrices, whose length is 2 sqrt(2) sin(angle /
    // 2).
    private static double[] Angles(float[] a, float[] b)
    {
        double[] angles = new double[Skeleton.JointCount];
        float[] first = new float[9], second = new float[9];
        for (int j = 0; j < angles.Length; j++)
        {
            Rotations.FromAxisAngle(a.AsSpan(SmplLayout.PoseOffset + 3 * j, 3), first);
            Rotations.FromAxisAngle(b.AsSpan(SmplLayout.PoseOffset + 3 * j, 3), second);
            double length = Math.Sqrt(first.Zip(second).Sum(p => Math.Pow((double)p.First - p.Second, 2)));
            angles[j] = 2 * Math.Asin(Math.Min(1, length / (2 * Math.Sqrt(2))));
        }
        return angles;
    }

    private sealed class Row
    {
        public int Number { get; set; }

        public string Person { get; set; } = "";

        [VectorType(85)]
        public float[] Smpl { get; set; } = [];
    }
}
