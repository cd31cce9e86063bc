using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Lwg.MLNet.Tests.Body;

[TestClass]
public class KeypointFitTests
{
    private const int Size = 256;

    private static readonly BodyModel s_body = StickBody.Create();
    private static readonly KeypointFit s_fit = new(s_body);
    private static readonly string[] s_poses =
        ["standing", "a-pose", "arms up", "waving", "walking", "squatting", "turned left", "turned right", "from behind", "big"];

    public static IEnumerable<object[]> Poses => s_poses.Select(p => new object[] { p });

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void DerivativesAreThoseOfTheValue(bool withDepths)
    {
        var random = new Random(1);
        KeypointSet marks = Marks(Person("waving"), noise: 0, seed: 0);
        var target = new KeypointTarget(
            [.. Enumerable.Range(0, 17).Select(k => 2.0 * marks[k].X / Size - 1)],
                [.. Enumerable.Range(0, 17).Select(k => 2.0 * marks[k].Y / Size - 1)],
            [.. Enumerable.Repeat(30.0, 17)], 0.8, FaceSeen: true, FaceHidden: false) { Depths = withDepths
                ? [.. KeypointObjective.Bones.Select((_, i) => 0.1 * Math.Sin(i))] : null };
        var start = Matrix3D.Rotation(new Vector3D(2.9, 0.3, 0.2));
        var objective = new KeypointObjective(new KeypointModel(s_body), target, start);
        // Some unknowns are beyond their limits, to test the slopes of the limits too.
        var at = new DenseVector([.. Enumerable.Range(0, KeypointObjective.UnknownCount).Select(_ => 1.5 * (2 * random.NextDouble() - 1))]);
        objective.EvaluateAt(at);
        double[] gradient = objective.Gradient.ToArray();
        const double Step = 1e-5;
        for (int i = 0; i < gradient.Length; i++)
        {
            double Value(double step)
            {
                DenseVector moved = DenseVector.OfVector(at);
                moved[i] += step;
                objective.EvaluateAt(moved);
                return objective.Value;
            }
            // The gradient is that of half the sum of squares.
            double numeric = (Value(Step) - Value(-Step)) / (4 * Step);
            Assert.AreEqual(numeric, gradient[i], 1e-5 * (1 + Math.Abs(numeric)), $"unknown {i}: central differences");
        }
    }

    [TestMethod]
    public void TheFoldedKeypointsAreTheBodys()
    {
        // The fixtures' body: every key point depends on many joints. Without its pose blend shapes, which the folding ignores.
        BodyModelData all = BodyModel.Load(Path.Combine(AppContext.BaseDirectory, "Fixtures", "body", "body.npz")).Data;
        var random = new BodyModel(new BodyModelData
        {
            Template = all.Template, ShapeDirections = all.ShapeDirections, JointRegressor = all.JointRegressor, Parents = all.Parents,
            SkinningWeights = all.SkinningWeights, Faces = all.Faces, KeypointRegressor = all.KeypointRegressor,
        });
        float[] smpl = Person("walking");
        for (int b = 0; b < 10; b++)
            smpl[SmplLayout.ShapeOffset + b] = 0.3f * (b - 4);
        foreach (BodyModel body in new[] { s_body, random })
        {
            var posed = new PosedBody(body);
            body.Pose(smpl, posed);
            var folded = new KeypointPose(new KeypointModel(body));
            var local = new Matrix3D[24];
            for (int j = 0; j < 24; j++)
                local[j] = Matrix3D.Rotation(new Vector3D(smpl[3 + 3 * j], smpl[4 + 3 * j], smpl[5 + 3 * j]));
            folded.Evaluate(local, [.. smpl[SmplLayout.ShapeOffset..].Select(b => (double)b)]);
            for (int k = 0; k < 17; k++)
            {
                for (int c = 0; c < 3; c++)
                    Assert.AreEqual(posed.Keypoints[3 * Skeleton.CocoToKeypoint[k] + c], folded.Points[k][c], 2e-5,
                        $"key point {k}: float against double");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Poses))]
    public void AKnownPersonIsFoundAgain(string pose)
    {
        float[] truth = Person(pose);
        foreach (float noise in new[] { 0, 0.01f })
        {
            KeypointSet marks = Marks(truth, noise, seed: 5);
            KeypointFitResult found = s_fit.Fit(marks, Size);
            // The priors have a small effect even with perfect marks. A squat seen from the front does not distinguish bent knees from
            // short legs.
            Assert.IsLessThan(noise == 0 ? 0.015f : 0.02f, found.Error, $"{pose}, noise {noise}: share of the person's height");
            AssertJoints(truth, found.Smpl, pose == "squatting" ? 0.17f : noise == 0 ? 0.08f : 0.1f, pose);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Poses))]
    public void AMirroredPersonIsFoundMirrored(string pose)
    {
        KeypointSet marks = Marks(Person(pose), 0.005f, seed: 3);
        KeypointFitResult first = s_fit.Fit(marks, Size), second = s_fit.Fit(Mirrored(marks), Size);
        Assert.AreEqual(first.Error, second.Error, 1e-3f);
        PosedBody a = new(s_body), b = new(s_body);
        s_body.Pose(first.Smpl, a);
        s_body.Pose(second.Smpl, b);
        for (int j = 0; j < 24; j++)
        {
            int other = Skeleton.MirrorJoints[j];
            Assert.AreEqual(a.Joints[3 * j] + first.Smpl[1], -b.Joints[3 * other] - second.Smpl[1], 0.02f, $"{Skeleton.JointNames[j]}, x");
            Assert.AreEqual(a.Joints[3 * j + 1], b.Joints[3 * other + 1], 0.02f, $"{Skeleton.JointNames[j]}, y");
            Assert.AreEqual(a.Joints[3 * j + 2], b.Joints[3 * other + 2], 0.02f, $"{Skeleton.JointNames[j]}, z");
        }
    }

    [TestMethod]
    public void OurOwnBodyFitsItsOwnKeypoints()
    {
        BodyModel body = BodyModel.Default;
        var posed = new PosedBody(body);
        var fit = new KeypointFit(body);
        foreach (string pose in new[] { "standing", "a-pose", "arms up", "walking" })
        {
            body.Pose(Person(pose), posed);
            float[] values = new float[51];
            for (int k = 0; k < 17; k++)
            {
                int own = Skeleton.CocoToKeypoint[k];
                (values[3 * k], values[3 * k + 1], values[3 * k + 2]) =
                    ((posed.Keypoints2D[2 * own] + 1) * Size / 2, (posed.Keypoints2D[2 * own + 1] + 1) * Size / 2, 1);
            }
            // The error includes the pose blend shapes, which the fit ignores.
            Assert.IsLessThan(0.015f, fit.Fit(KeypointSet.Create(values), Size).Error, pose);
        }
    }

    [TestMethod]
    public void MissingKeypointsAreAllowed()
    {
        float[] truth = Person("a-pose");
        float[] values = Marks(truth, 0, seed: 0).Values.ToArray();
        foreach (int k in new[] { 1, 4, 9, 13, 16 })
            (values[3 * k], values[3 * k + 1], values[3 * k + 2]) = (-999, 1e5f, 0);
        KeypointFitResult found = s_fit.Fit(KeypointSet.Create(values), Size);
        Assert.IsTrue(float.IsNaN(found.PointErrors[9]));
        Assert.IsLessThan(0.01f, found.Error);
        AssertJoints(truth, found.Smpl, 0.12f, "a-pose without a wrist, a knee and an ankle");
    }

    [TestMethod]
    public void OneWrongMarkHardlyChangesTheOthers()
    {
        float[] truth = Person("a-pose");
        float[] values = Marks(truth, 0, seed: 0).Values.ToArray();
        values[3 * 9] += 60;
        KeypointFitResult found = s_fit.Fit(KeypointSet.Create(values), Size);
        for (int k = 0; k < 17; k++)
        {
            if (k is not (7 or 9))
                Assert.IsLessThan(0.02f, found.PointErrors[k], $"{CocoSkeleton.KeypointNames[k]}: only the left wrist is wrong");
        }
    }

    [TestMethod]
    [DataRow("waving")]
    [DataRow("walking")]
    [DataRow("turned left")]
    public void NearAnEstimateMarkedPointsFitAndOthersStay(string pose)
    {
        // An estimate with limb errors of a few degrees and camera errors of a few hundredths; no elbow, wrist or knee of the right side
        // is marked.
        float[] truth = Person(pose), estimate = [.. truth];
        var random = new Random(3);
        for (int i = 6; i < 75; i++)
            estimate[i] += 0.1f * (2 * random.NextSingle() - 1);
        (estimate[0], estimate[1]) = (truth[0] * 1.05f, truth[1] + 0.03f);
        float[] values = Marks(truth, 0, seed: 0).Values.ToArray();
        foreach (int hidden in (int[])[8, 10, 14])
            values[3 * hidden + 2] = 0;
        KeypointSet marks = KeypointSet.Create(values);
        var posed = new PosedBody(s_body);
        s_body.Pose(estimate, posed);
        float before = KeypointError.Mean(KeypointError.OfPoints(posed.Keypoints2D, marks, Size));
        KeypointFitResult near = s_fit.FitNear(estimate, marks, [], Size);
        Assert.IsTrue(near.Error < before / 2, $"{near.Error:P2} of the height, {before:P2} before");
        // For the right elbow (joint 19) only the arm's root is marked: a fit near the estimate keeps the bend, which a fit without an
        // estimate cannot determine.
        Assert.IsTrue(ElbowOff(near.Smpl) < 0.1, $"the hidden elbow turned by {ElbowOff(near.Smpl):0.00}");
        CollectionAssert.AreEqual(near.Smpl, s_fit.FitNear(estimate, marks, [], Size).Smpl);
        Assert.ThrowsExactly<ArgumentException>(() => s_fit.FitNear(estimate, marks, new float[5], Size));

        double ElbowOff(float[] smpl) => Math.Sqrt(Enumerable.Range(3 + 3 * 19, 3).Sum(i => Math.Pow(smpl[i] - estimate[i], 2)));
    }

    [TestMethod]
    public void TooLittleIsRefused()
    {
        float[] values = Marks(Person("a-pose"), 0, seed: 0).Values.ToArray();
        float[] few = (float[])values.Clone(), torsoless = (float[])values.Clone(), onePlace = (float[])values.Clone();
        for (int k = 0; k < 17; k++)
        {
            if (k is not (5 or 6 or 11 or 12 or 0))
                few[3 * k + 2] = 0;
            if (k is 11 or 12)
                torsoless[3 * k + 2] = 0;
            (onePlace[3 * k], onePlace[3 * k + 1]) = (100, 100);
        }
        Assert.Contains("at least 6", Assert.ThrowsExactly<KeypointInputException>(() => s_fit.Fit(KeypointSet.Create(few), Size)).Message);
        Assert.Contains("without a shoulder and a hip",
            Assert.ThrowsExactly<KeypointInputException>(() => s_fit.Fit(KeypointSet.Create(torsoless), Size)).Message);
        Assert.Contains("the same position", Assert.ThrowsExactly<KeypointInputException>(() =>
            s_fit.Fit(KeypointSet.Create(onePlace), Size)).Message);
    }

    [TestMethod]
    public void AnyMarksGiveFiniteValues()
    {
        var random = new Random(4);
        for (int trial = 0; trial < 20; trial++)
        {
            // Random points in the square, or all on one line.
            float[] values = [.. Enumerable.Range(0, 51)
                .Select(i => i % 3 == 2 ? 1 : trial % 2 == 1 && i % 3 == 0 ? 128 : random.NextSingle() * Size)];
            KeypointFitResult found = s_fit.Fit(KeypointSet.Create(values), Size);
            SmplLayout.Check(found.Smpl);
            Assert.IsTrue(float.IsFinite(found.Error) && found.Smpl[0] > 0);
        }
    }

    [TestMethod]
    public void TheSameMarksGiveTheSameNumbersOnAnyThread()
    {
        KeypointSet marks = Marks(Person("walking"), 0.01f, seed: 9);
        float[] expected = s_fit.Fit(marks, Size).Smpl;
        Parallel.For(0, 4, _ => CollectionAssert.AreEqual(expected, s_fit.Fit(marks, Size).Smpl));
    }

    private static float[] Person(string pose)
    {
        float[] smpl = new float[85];
        (smpl[0], smpl[1], smpl[2]) = (0.85f, 0.05f, -0.3f);
        double yaw = pose switch { "turned left" => 40, "turned right" => -40, "from behind" => 170, "walking" => 30, _ => 0 }
            * Math.PI / 180;
        float[] matrix = new float[9], flip = new float[9], root = new float[9];
        Rotations.FromEuler(Math.PI, 0, 0, flip);
        Rotations.FromEuler(0, yaw, 0, matrix);
        Rotations.Multiply(flip, matrix, root);
        Rotations.ToAxisAngle(root, smpl.AsSpan(3, 3));
        void Set(int joint, float x, float y, float z) => (smpl[3 + 3 * joint], smpl[4 + 3 * joint], smpl[5 + 3 * joint]) = (x, y, z);
        float down = pose switch { "a-pose" => -0.8f, "arms up" => 1.1f, _ => -1.2f };
        Set(16, 0, 0, down);
        Set(17, 0, 0, -down);
        Set(18, 0, -0.2f, 0);
        Set(19, 0, 0.2f, 0);
        if (pose == "waving")
        {
            Set(17, 0, 0, -0.6f);
            Set(19, 0.0f, 1.2f, 0);
            Set(17, -1.0f, 0.2f, -0.3f);
        }
        if (pose == "walking")
        {
            Set(1, -0.4f, 0, 0);
            Set(4, 0.3f, 0, 0);
            Set(2, 0.25f, 0, 0);
            Set(5, 0.25f, 0, 0);
        }
        if (pose == "squatting")
        {
            Set(1, -0.9f, 0.1f, 0.3f);
            Set(2, -0.9f, -0.1f, -0.3f);
            Set(4, 1.3f, 0, 0);
            Set(5, 1.3f, 0, 0);
        }
        if (pose == "big")
            (smpl[77], smpl[79], smpl[80]) = (1.2f, 1, -1);
        return smpl;
    }

    private static KeypointSet Marks(float[] smpl, float noise, int seed)
    {
        var posed = new PosedBody(s_body);
        s_body.Pose(smpl, posed);
        bool behind = posed.Keypoints[3 * 14 + 2] > posed.Keypoints[3 * 17 + 2];
        var random = new Random(seed);
        float[] values = new float[51];
        for (int k = 0; k < 17; k++)
        {
            int own = Skeleton.CocoToKeypoint[k];
            for (int c = 0; c < 2; c++)
            {
                double gauss = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                // The person is about 190 pixels tall.
                values[3 * k + c] = (posed.Keypoints2D[2 * own + c] + 1) * Size / 2 + (float)(190 * noise / Math.Sqrt(2) * gauss);
            }
            values[3 * k + 2] = behind && k < 3 ? 0 : 1;
        }
        return KeypointSet.Create(values);
    }

    private static KeypointSet Mirrored(KeypointSet marks)
    {
        float[] values = new float[51];
        for (int k = 0; k < 17; k++)
        {
            int other = k == 0 ? 0 : k % 2 == 1 ? k + 1 : k - 1;
            (float x, float y, float confidence) = marks[other];
            (values[3 * k], values[3 * k + 1], values[3 * k + 2]) = (Size - x, y, confidence);
        }
        return KeypointSet.Create(values);
    }

    private static void AssertJoints(float[] truth, float[] found, float tolerance, string what)
    {
        PosedBody a = new(s_body), b = new(s_body);
        s_body.Pose(truth, a);
        s_body.Pose(found, b);
        double sum = 0;
        int[] joints = [1, 2, 4, 5, 7, 8, 12, 16, 17, 18, 19, 20, 21];
        // A weak perspective determines neither depth nor stature: compare relative to the pelvis, at equal size in the picture.
        double ratio = found[0] / truth[0];
        foreach (int j in joints)
        {
            double square = 0;
            for (int c = 0; c < 3; c++)
            {
                double d = a.Joints[3 * j + c] - a.Joints[c] - ratio * (b.Joints[3 * j + c] - b.Joints[c]);
                square += d * d;
            }
            sum += Math.Sqrt(square);
        }
        Assert.IsLessThan(tolerance, (float)(sum / joints.Length), $"{what}: mean joint error in metres");
    }
}
