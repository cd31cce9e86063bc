using System.Security.Cryptography;
using Lwg.MLNet.Body;
using Lwg.MLNet.Synthesis.Sculpting;

namespace Lwg.MLNet.Tests.Body;

/// <summary>Our own body: compares the frozen file with the built body, and checks the requirements of a body.</summary>
[TestClass]
public sealed class DefaultBodyTests
{
    private static readonly float[,] SmplJoints =
    {
        { 0, -.22f, .03f }, { .07f, -.31f, .02f }, { -.07f, -.31f, .02f }, { 0, -.11f, 0 }, { .105f, -.69f, .016f },
        { -.105f, -.69f, .016f },
        { 0, .02f, 0 }, { .09f, -1.09f, -.027f }, { -.09f, -1.09f, -.027f }, { 0, .07f, .03f }, { .116f, -1.14f, .094f },
        { -.116f, -1.14f, .094f },
        { 0, .29f, -.015f }, { .08f, .194f, -.008f }, { -.08f, .194f, -.008f }, { 0, .35f, .037f }, { .174f, .226f, -.017f },
        { -.174f, .226f, -.017f },
        { .43f, .213f, -.042f }, { -.43f, .213f, -.042f }, { .683f, .221f, -.045f }, { -.683f, .221f, -.045f }, { .767f, .214f, -.058f },
        { -.767f, .214f, -.058f },
    };

    private static BodyModelData Data => BodyModel.Default.Data;

    private static int V => BodyModel.Default.VertexCount;

    private static int F => BodyModel.Default.FaceCount;

    /// <summary>The same code gives the same mesh; floats may differ in the last bits between processors, so rounded values may differ by
    /// one step.</summary>
    [TestMethod]
    public void FrozenFileIsWhatTheSculptorBuilds()
    {
        BodyModelData built = DefaultBodySculptor.Build(CancellationToken.None);
        Near(Data.Template, built.Template, 1.1e-5f);
        Near(Data.ShapeDirections, built.ShapeDirections, 2.1e-6f);
        Near(Data.PoseDirections, built.PoseDirections, 2.2e-4f);
        Near(Data.JointRegressor, built.JointRegressor, 1e-5f);
        Near(Data.SkinningWeights, built.SkinningWeights, 2.1e-5f);
        Near(Data.KeypointRegressor, built.KeypointRegressor, 1e-5f);
        Near(Data.Uv, built.Uv, 2.1e-6f);
        CollectionAssert.AreEqual(Data.Faces, built.Faces);
        CollectionAssert.AreEqual(Data.UvFaces, built.UvFaces);
        CollectionAssert.AreEqual(Data.Part, built.Part);
        CollectionAssert.AreEqual(Data.FaceFront, built.FaceFront);
        CollectionAssert.AreEqual(Data.Head, built.Head);
        CollectionAssert.AreEqual(Data.Parents, built.Parents);
    }

    [TestMethod]
    public void FrozenFileIsUnchanged()
    {
        using Stream resource = typeof(BodyModel).Assembly.GetManifestResourceStream("lwg_body.npz")!;
        string hash = Convert.ToHexStringLower(SHA256.HashData(resource));
        Assert.AreEqual("dc9dc91fd031032e93ed571df8b7d1742df3d4b6531c9b4877463f547795ed41", hash);
    }

    [TestMethod]
    public void StopsWhenCancelled() =>
        Assert.ThrowsExactly<OperationCanceledException>(() => DefaultBodySculptor.Build(new CancellationToken(canceled: true)));

    [TestMethod]
    public void SurfaceIsClosedOrientedAndOneSphere()
    {
        Assert.IsTrue(V is >= 6000 and <= 8000, $"{V} vertices");
        var edges = new HashSet<(int, int)>();
        int[] root = [.. Enumerable.Range(0, V)];
        for (int i = 0; i < Data.Faces.Length; i++)
        {
            int a = Data.Faces[i], b = Data.Faces[i / 3 * 3 + (i + 1) % 3];
            Assert.IsTrue(edges.Add((a, b)), "two faces run along an edge in the same direction");
            root[Find(root, a)] = Find(root, b);
        }
        Assert.IsTrue(edges.All(e => edges.Contains((e.Item2, e.Item1))), "an edge has one face only");
        Assert.AreEqual(1, Enumerable.Range(0, V).Select(v => Find(root, v)).Distinct().Count(), "pieces");
        Assert.AreEqual(2, V - edges.Count / 2 + F, "Euler characteristic");
        Assert.IsTrue(Volume(Data.Template) is > 0.055 and < 0.085, $"{Volume(Data.Template)} cubic metres");
        for (int f = 0; f < F; f++)
        {
            // The smallest triangles, at mouth and ears, have edges of about 4 mm: 7 square millimetres. 0.5 would be a sliver.
            Vector3D n = Normal(Data.Template, f);
            Assert.IsTrue(n.Length / 2 > 0.5e-6, $"face {f} is degenerate");
        }
    }

    [TestMethod]
    public void LeftAndRightMirrorExactly()
    {
        var at = Enumerable.Range(0, V).ToDictionary(v => (Data.Template[3 * v], Data.Template[3 * v + 1], Data.Template[3 * v + 2]));
        int[] mirror = [.. Enumerable.Range(0, V)
            .Select(v => at[(0 - Data.Template[3 * v], Data.Template[3 * v + 1], Data.Template[3 * v + 2])])];
        var faces = new HashSet<(int, int, int)>(Enumerable.Range(0, F)
            .Select(f => Cycle(Data.Faces[3 * f], Data.Faces[3 * f + 1], Data.Faces[3 * f + 2])));
        for (int f = 0; f < F; f++)
            Assert.IsTrue(faces.Contains(Cycle(mirror[Data.Faces[3 * f]], mirror[Data.Faces[3 * f + 2]], mirror[Data.Faces[3 * f + 1]])));
        for (int v = 0; v < V; v++)
        {
            for (int j = 0; j < Skeleton.JointCount; j++)
                Assert.AreEqual(Data.SkinningWeights[v * 24 + j], Data.SkinningWeights[mirror[v] * 24 + Skeleton.MirrorJoints[j]], 1e-6f);
            for (int k = 0; k < 30; k++)
                Assert.AreEqual(Data.ShapeDirections[v * 30 + k] * (k < 10 ? -1 : 1), Data.ShapeDirections[mirror[v] * 30 + k], 0f);
        }
    }

    [TestMethod]
    public void JointsAreSmpls()
    {
        for (int j = 0; j < Skeleton.JointCount; j++)
        {
            double sum = 0;
            var p = default(Vector3D);
            for (int v = 0; v < V; v++)
            {
                double w = Data.JointRegressor[j * V + v];
                Assert.IsTrue(w >= 0);
                sum += w;
                p += Point(Data.Template, v) * w;
            }
            Assert.AreEqual(1, sum, 1e-5);
            double error = Vector3D.Distance(p, new Vector3D(SmplJoints[j, 0], SmplJoints[j, 1], SmplJoints[j, 2]));
            Assert.IsTrue(error < 0.02, $"{Skeleton.JointNames[j]} is {error} m off");
        }
    }

    [TestMethod]
    public void KeypointsAreWhereTheirNamesSay()
    {
        Vector3D[] k = [.. Enumerable.Range(0, Skeleton.KeypointCount).Select(Keypoint)];
        Assert.AreEqual(Enumerable.Range(0, V).Max(v => Data.Template[3 * v + 1]), k[13].Y, 2e-3, "head top");
        Assert.AreEqual(Enumerable.Range(0, V).Where(v => Data.Template[3 * v + 1] > 0.3f).Max(v => Data.Template[3 * v + 2]), k[14].Z,
            3e-3, "nose");
        Assert.IsTrue(k[15].X > 0.02 && k[15].Y > k[14].Y + 0.02 && k[15].Z > 0.07, "left eye");
        Assert.IsTrue(k[17].X > 0.07 && Math.Abs(k[17].Z) < 0.04, "left ear");
        foreach ((int left, int right) in new[] { (5, 0), (4, 1), (3, 2), (11, 6), (10, 7), (9, 8), (15, 16), (17, 18) })
        {
            Assert.IsTrue(k[left].X > 0);
            Assert.IsTrue(Vector3D.Distance(k[left].Mirrored, k[right]) < 1e-5);
        }
    }

    [TestMethod]
    public void SkinningWeightsAreFewAndSumToOne()
    {
        for (int v = 0; v < V; v++)
        {
            ReadOnlySpan<float> row = Data.SkinningWeights.AsSpan(v * 24, 24);
            float sum = 0;
            int bones = 0;
            foreach (float w in row)
            {
                Assert.IsTrue(w >= 0);
                sum += w;
                bones += w > 0 ? 1 : 0;
            }
            Assert.AreEqual(1f, sum, 1e-5f);
            Assert.IsTrue(bones <= 6, $"{bones} bones");
        }
    }

    [TestMethod]
    public void AtlasHasNoFoldsAndEveryFaceItsOwnCentre()
    {
        Assert.IsTrue(Data.Uv.All(x => x is >= 0 and <= 1));
        var centres = new (double U, double V)[F];
        for (int f = 0; f < F; f++)
        {
            (double u0, double v0) = Uv(3 * f);
            (double u1, double v1) = Uv(3 * f + 1);
            (double u2, double v2) = Uv(3 * f + 2);
            Assert.IsTrue((u1 - u0) * (v2 - v0) - (u2 - u0) * (v1 - v0) > 0, $"face {f} is folded in the atlas");
            centres[f] = ((u0 + u1) / 2, (v0 + v1) / 2);
        }
        Array.Sort(centres);
        for (int i = 0; i < F; i++)
        {
            for (int j = i + 1; j < F && centres[j].U - centres[i].U < 5e-5; j++)
                Assert.IsTrue(Math.Abs(centres[j].V - centres[i].V) > 5e-5, "two faces share a centre");
        }

        (double, double) Uv(int corner) => (Data.Uv[2 * Data.UvFaces[corner]], Data.Uv[2 * Data.UvFaces[corner] + 1]);
    }

    [TestMethod]
    public void PartsHeadAndFaceAreThere()
    {
        foreach (BodyPart part in Enum.GetValues<BodyPart>())
            Assert.IsTrue(Data.Part.Count(p => p == (int)part) > 100, $"{part}");
        for (int f = 0; f < F; f++)
        {
            Assert.IsTrue(Data.FaceFront[f] <= Data.Head[f], "the facial front is on the head");
            Assert.IsTrue(Data.Head[f] == 0 || Data.Part[f] == (int)BodyPart.Head, "the head is in its part");
            if (Data.FaceFront[f] == 1)
                Assert.IsTrue(Point(Data.Template, Data.Faces[3 * f]).Z > 0.02, "the facial front is in front");
        }
        Assert.IsTrue(Data.FaceFront.Sum() > 500);
    }

    /// <summary>The values of the model card, to 3 mm.</summary>
    [TestMethod]
    [DataRow(0, 0.068, DisplayName = "stature")]
    [DataRow(1, 0.001, DisplayName = "mass")]
    [DataRow(4, 0.022, DisplayName = "leg length")]
    [DataRow(5, 0.0, DisplayName = "arm length")]
    public void ShapeParametersChangeTheHeightAsDocumented(int number, double metres) =>
        Assert.AreEqual(metres, Height(Shaped(number, 1)) - Height(Data.Template), 0.003);

    [TestMethod]
    public void EveryShapeStaysABody()
    {
        for (int number = 0; number < SmplLayout.ShapeCount; number++)
        {
            foreach (float amount in new[] { -2.5f, 2.5f })
            {
                float[] shaped = Shaped(number, amount);
                Assert.IsTrue(Volume(shaped) is > 0.035 and < 0.11, $"number {number} at {amount}: {Volume(shaped)} cubic metres");
                int turned = Enumerable.Range(0, F).Count(f => Vector3D.Dot(Normal(Data.Template, f), Normal(shaped, f)) <= 0);
                Assert.AreEqual(0, turned, $"faces turned inside out by number {number} at {amount}");
            }
        }
    }

    /// <summary>Bending the left elbow by 90 degrees keeps most of the volume, and moves the hand forward.</summary>
    [TestMethod]
    public void ElbowBendsForwardWithoutCollapse()
    {
        float[] smpl = new float[SmplLayout.ParameterCount];
        smpl[SmplLayout.PoseOffset + 3 * 18 + 1] = -MathF.PI / 2;
        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(smpl, posed);
        Assert.AreEqual(Volume(Data.Template), Volume(posed.Vertices), 0.0003);
        Assert.IsTrue(posed.Joints[3 * 20 + 2] > posed.Joints[3 * 18 + 2] + 0.2f);
    }

    private static void Near(float[] expected, float[] actual, float tolerance)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        float worst = 0;
        for (int i = 0; i < expected.Length; i++)
            worst = Math.Max(worst, Math.Abs(expected[i] - actual[i]));
        Assert.IsTrue(worst <= tolerance, $"differs by up to {worst}");
    }

    private static int Find(int[] root, int v)
    {
        while (root[v] != v)
            v = root[v] = root[root[v]];
        return v;
    }

    private static (int, int, int) Cycle(int a, int b, int c) =>
        a < b && a < c ? (a, b, c) : b < c ? (b, c, a) : (c, a, b);

    private static Vector3D Point(float[] vertices, int v) => new(vertices[3 * v], vertices[3 * v + 1], vertices[3 * v + 2]);

    private static Vector3D Normal(float[] vertices, int face)
    {
        Vector3D a = Point(vertices, Data.Faces[3 * face]);
        return Vector3D.Cross(Point(vertices, Data.Faces[3 * face + 1]) - a, Point(vertices, Data.Faces[3 * face + 2]) - a);
    }

    private static double Volume(float[] vertices) =>
        Enumerable.Range(0, F).Sum(f => Vector3D.Dot(Point(vertices, Data.Faces[3 * f]), Normal(vertices, f)) / 6);

    private static double Height(float[] vertices)
    {
        float[] y = [.. Enumerable.Range(0, V).Select(v => vertices[3 * v + 1])];
        return y.Max() - y.Min();
    }

    private static float[] Shaped(int number, float amount) =>
        [.. Data.Template.Select((x, i) => x + amount * Data.ShapeDirections[i * SmplLayout.ShapeCount + number])];

    private static Vector3D Keypoint(int k)
    {
        var p = default(Vector3D);
        for (int v = 0; v < V; v++)
            p += Point(Data.Template, v) * Data.KeypointRegressor[k * V + v];
        return p;
    }
}
