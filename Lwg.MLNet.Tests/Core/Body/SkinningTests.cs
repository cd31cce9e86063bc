using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

[TestClass]
[TestCategory(ScalarHardwareTests.Category)]
public class SkinningTests
{
    // Coordinates of a body are at most 2 m: sums of about ten 32-bit terms.
    private const double Tolerance = 2e-6;

    [TestMethod]
    public void AtRestTheBodyIsItsTemplate()
    {
        BodyModelData data = TestBodies.Cylinder();
        PosedBody posed = Pose(new BodyModel(data), TestBodies.AtRest());
        Fixture.AreClose(data.Template, posed.Vertices, Tolerance, "vertices");
        Fixture.AreClose([0, 0, 0, 1, 0, 0, 0, 0, 0], posed.Joints.AsSpan(0, 9), Tolerance, "joints");
    }

    [TestMethod]
    public void AQuarterTurnBendsTheCylinderAtItsJoint()
    {
        BodyModelData data = TestBodies.Cylinder();
        float[] smpl = TestBodies.AtRest();
        smpl[3 + 3 * 1 + 2] = MathF.PI / 2;
        PosedBody posed = Pose(new BodyModel(data), smpl);
        for (int v = 0; v < data.Template.Length / 3; v++)
        {
            float x = data.Template[3 * v], y = data.Template[3 * v + 1], z = data.Template[3 * v + 2];
            // About z at (1, 0, 0): (x, y) goes to (1 - y, x - 1). Linear blend skinning puts the middle ring halfway.
            float[] expected = (v / 8) switch
            {
                < 5 => [x, y, z],
                > 5 => [1 - y, x - 1, z],
                _ => [(x + 1 - y) / 2, (y + x - 1) / 2, z],
            };
            Fixture.AreClose(expected, posed.Vertices.AsSpan(3 * v, 3), Tolerance, $"vertex {v}");
        }
        Fixture.AreClose([1, 0, 0], posed.Joints.AsSpan(3, 3), Tolerance, "a joint does not move itself");
    }

    [TestMethod]
    public void ChildrenFollowTheirParents()
    {
        // Joints 1 and 4 both turn by 90 degrees about z; 4 (at the origin at rest, a child of 1) moves with its parent.
        float[] smpl = TestBodies.AtRest();
        smpl[3 + 3 * 1 + 2] = smpl[3 + 3 * 4 + 2] = MathF.PI / 2;
        PosedBody posed = Pose(new BodyModel(TestBodies.Cylinder()), smpl);
        Fixture.AreClose([1, -1, 0], posed.Joints.AsSpan(3 * 4, 3), Tolerance, "joint 4");
        Fixture.AreClose([1, -1, 0], posed.Joints.AsSpan(3 * 7, 3), Tolerance, "joint 7 lies where joint 4 lies");
    }

    [TestMethod]
    public void TheRootTurnsTheBodyAboutItsOwnJoint()
    {
        BodyModel body = Fixture.Body;
        float[] smpl = TestBodies.Random(5, 0.8), turned = [.. smpl];
        (smpl[3], smpl[4], smpl[5]) = (0, 0, 0);
        PosedBody still = Pose(body, smpl);
        var r = new float[9];
        Rotations.FromAxisAngle(turned.AsSpan(3, 3), r);
        PosedBody posed = Pose(body, turned);
        ReadOnlySpan<float> root = still.Joints.AsSpan(0, 3);
        for (int v = 0; v < body.VertexCount; v++)
        {
            float x = still.Vertices[3 * v] - root[0], y = still.Vertices[3 * v + 1] - root[1], z = still.Vertices[3 * v + 2] - root[2];
            float[] expected = [root[0] + r[0] * x + r[1] * y + r[2] * z, root[1] + r[3] * x + r[4] * y + r[5] * z, root[2] + r[6] * x
                + r[7] * y + r[8] * z];
            Fixture.AreClose(expected, posed.Vertices.AsSpan(3 * v, 3), 5e-6, $"vertex {v}");
        }
    }

    [TestMethod]
    public void SeveralPosesAtOnceAreIdenticalToSinglePoses()
    {
        // One body with dense pose directions, one with sparse ones.
        foreach (BodyModel body in (BodyModel[])[Fixture.Body, BodyModel.Default])
        {
            PosedBody[] together = [.. Enumerable.Range(0, 5).Select(_ => new PosedBody(body))];
            float[][] smpl = [.. together.Select((_, i) => TestBodies.Random(i, 0.8))];
            body.Pose([.. smpl.SelectMany(s => s)], together);
            for (int i = 0; i < together.Length; i++)
            {
                PosedBody alone = Pose(body, smpl[i]);
                CollectionAssert.AreEqual(alone.Vertices, together[i].Vertices);
                CollectionAssert.AreEqual(alone.Joints, together[i].Joints);
                CollectionAssert.AreEqual(alone.Keypoints2D, together[i].Keypoints2D);
            }
            Assert.ThrowsExactly<ArgumentException>(() => body.Pose([.. smpl[0], .. smpl[1]], [together[0], together[0]]));
            Assert.ThrowsExactly<ArgumentException>(() => body.Pose(smpl[0], together));
        }
    }

    [TestMethod]
    public void ShapeIsLinear()
    {
        BodyModelData data = TestBodies.Cylinder();
        float[] smpl = TestBodies.AtRest();
        smpl[75] = 1;
        smpl[84] = -0.25f;
        PosedBody posed = Pose(new BodyModel(data), smpl);
        for (int i = 0; i < data.Template.Length; i++)
            Assert.AreEqual(i % 3 == 0 ? data.Template[i] : 2 * data.Template[i] - (i % 3 == 2 ? 0.25f : 0), posed.Vertices[i], Tolerance,
                $"coordinate {i}");
        Fixture.AreClose([1, 0, -0.25f], posed.Joints.AsSpan(3, 3), Tolerance, "joints are those of the shaped body");
        var rest = new float[72];
        new BodyModel(data).RestJoints(smpl.AsSpan(75, 10), rest);
        Fixture.AreClose(rest, posed.Joints, Tolerance, "rest joints");
    }

    [TestMethod]
    public void TheCameraMovesOnlyTheKeyPointsInThePicture()
    {
        BodyModel body = new(TestBodies.Cylinder());
        float[] smpl = TestBodies.Random(9, 0.5), other = [.. smpl];
        (other[0], other[1], other[2]) = (2, -0.5f, 3);
        PosedBody a = Pose(body, smpl), b = Pose(body, other);
        CollectionAssert.AreEqual(a.Vertices, b.Vertices);
        CollectionAssert.AreEqual(a.Keypoints, b.Keypoints);
        for (int k = 0; k < 19; k++)
        {
            Assert.AreEqual(2 * (a.Keypoints[3 * k] - 0.5f), b.Keypoints2D[2 * k], 1e-6);
            Assert.AreEqual(2 * (a.Keypoints[3 * k + 1] + 3), b.Keypoints2D[2 * k + 1], 1e-6);
        }
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.2)]
    [DataRow(1.0)]
    [DataRow(3.0)]
    public void ItIsDenseDoublePrecisionSmpl(double angle)
    {
        BodyModel body = Fixture.Body;
        for (int seed = 0; seed < 3; seed++)
            IsDense(body, TestBodies.Random(seed, angle));
    }

    [TestMethod]
    public void OurOwnBodyIsDenseDoublePrecisionSmplToo() => IsDense(BodyModel.Default, TestBodies.Random(7, 0.6));

    [TestMethod]
    public void SparsePoseBlendShapesAddUpToTheDenseOnes()
    {
        // Runs of every length and gap, one complete, one of a single value at the end, most of them empty.
        BodyModelData cylinder = TestBodies.Cylinder();
        int n = cylinder.Template.Length;
        var directions = new float[207 * n];
        var random = new Random(11);
        for (int p = 0; p < 207; p += 5)
        {
            for (int i = random.Next(40); i < n; i += 1 + random.Next(2) * random.Next(p + 1))
                directions[207 * i + p] = random.NextSingle() - 0.5f;
        }
        directions[207 * (n - 1) + 1] = 1;
        for (int i = 0; i < n; i++)
            directions[207 * i + 2] = 0.1f;
        var data = new BodyModelData
        {
            Template = cylinder.Template,
            ShapeDirections = cylinder.ShapeDirections,
            PoseDirections = directions,
            JointRegressor = cylinder.JointRegressor,
            Parents = cylinder.Parents,
            SkinningWeights = cylinder.SkinningWeights,
            Faces = cylinder.Faces,
        };
        var body = new BodyModel(data);
        Assert.IsFalse(body.HasKeypoints);
        IsDense(body, TestBodies.Random(4, 1));
    }

    [TestMethod]
    public void AnIncompleteRequestIsRefused()
    {
        BodyModel body = new(TestBodies.Cylinder()), other = new(TestBodies.Cylinder());
        Assert.ThrowsExactly<ArgumentException>(() => body.Pose(TestBodies.AtRest(), new PosedBody(other)));
        Assert.ThrowsExactly<ArgumentException>(() => body.Pose(new float[84], new PosedBody(body)));
        float[] smpl = TestBodies.AtRest();
        smpl[40] = float.PositiveInfinity;
        Assert.Contains("parameter 40", Assert.ThrowsExactly<ArgumentException>(() => body.Pose(smpl, new PosedBody(body))).Message);
    }

    private static void IsDense(BodyModel body, float[] smpl)
    {
        PosedBody posed = Pose(body, smpl);
        (double[] vertices, double[] joints) = DenseSmpl.Pose(body.Data, smpl);
        // Two correct 32-bit implementations differ by at most 1e-5 m (207 blend shapes are summed in another order).
        Fixture.AreClose([.. vertices.Select(x => (float)x)], posed.Vertices, 1e-5, "vertices");
        Fixture.AreClose([.. joints.Select(x => (float)x)], posed.Joints, 1e-5, "joints");
    }

    private static PosedBody Pose(BodyModel body, float[] smpl)
    {
        var posed = new PosedBody(body);
        body.Pose(smpl, posed);
        return posed;
    }
}
