using Lwg.MLNet.Body;
using Lwg.MLNet.Tests.Transforms;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

[TestClass]
public sealed class AppearanceFlowTests
{
    private const int S = TestBody.Size, Plane = S * S;

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void KeptPartsHaveTheIdentityAndOthersTheReferencesFlow(bool alignCorners)
    {
        TestBody.Maps source = TestBody.Render(TestBody.Smpl(1)), reference = TestBody.Render(TestBody.Smpl(2));
        // One face far outside: its flow is clamped.
        int seenFace = source.FaceIndex.First(f => f >= 0 && f % 2 == 0);
        reference.Points.AsSpan(6 * seenFace, 6).Fill(5);
        bool[] taken = [.. Enumerable.Range(0, TestBody.Body.FaceCount).Select(f => f % 2 == 0)];
        float[] own = new float[2 * Plane], borrowed = new float[2 * Plane], kept = new float[Plane], plain = new float[2 * Plane];
        AppearanceFlow.Compute(reference.Points, source.FaceIndex, source.Weights, taken, S, alignCorners, own, borrowed, kept);
        TransformationFlow.Compute(reference.Points, source.FaceIndex, source.Weights, plain);
        for (int i = 0; i < Plane; i++)
        {
            int face = source.FaceIndex[i];
            bool stays = face >= 0 && !taken[face], goes = face >= 0 && taken[face];
            Assert.AreEqual(stays ? 1 : 0, kept[i], $"pixel {i}");
            for (int c = 0; c < 2; c++)
            {
                int at = c == 0 ? i % S : i / S;
                double identity = alignCorners ? 2.0 * at / (S - 1) - 1 : (2 * at + 1 - S) / (double)S;
                Assert.AreEqual(stays ? identity : -2, own[2 * i + c], 1e-6, $"the source's, pixel {i}");
                Assert.AreEqual(goes ? Math.Clamp(plain[2 * i + c], -2, 2) : -2, borrowed[2 * i + c], 0, $"the reference's, pixel {i}");
            }
        }
        Assert.IsTrue(borrowed.Contains(2f), "the clamped face is seen");

        // With the matching sampling convention, kept parts equal the picture.
        float[] image = [.. Enumerable.Range(0, 3 * Plane).Select(i => MathF.Sin(i))], sampled = new float[3 * Plane];
        GridSampler.Sample(image, 3, S, S, own, alignCorners, sampled);
        for (int i = 0; i < 3 * Plane; i++)
            Assert.AreEqual(kept[i % Plane] * image[i], sampled[i], 2e-5, "coordinates up to 64 in floats");
    }

    [TestMethod]
    public void DistancesAreChamferDistances()
    {
        const int n = 9;
        float[] mask = new float[n * n], distance = new float[n * n];
        mask[4 * n + 4] = 1;
        mask[8] = 1;
        DistanceMap.Compute(n, mask, 1, distance);
        for (int i = 0; i < n * n; i++)
            Assert.AreEqual(Math.Min(Chamfer(i, 4, 4), Chamfer(i, 8, 0)), distance[i], 1e-5, $"pixel {i}");
        DistanceMap.Compute(n, mask, 0.5f, distance);
        Assert.IsTrue(distance.All(d => d == 2 * n), "no such pixel");
        DistanceMap.Compute(n, mask, 1, mask);
        Assert.AreEqual(1, mask[4 * n + 5], "in place");

        static double Chamfer(int i, int x, int y)
        {
            int dx = Math.Abs(i % n - x), dy = Math.Abs(i / n - y);
            return Math.Max(dx, dy) + (Math.Sqrt(2) - 1) * Math.Min(dx, dy);
        }
    }

    [TestMethod]
    public void SurfaceIsSeenWhereTheSourceShowsItsFace()
    {
        TestBody.Maps source = TestBody.Render(TestBody.Smpl(1)), target = TestBody.Render(TestBody.Smpl(2));
        bool[] visible = new bool[TestBody.Body.FaceCount];
        float[] seen = new float[Plane];
        TransformationFlow.MarkVisible(source.FaceIndex, visible);
        TransformationFlow.MarkSeen(visible, source.FaceIndex, new Morphology(S, S), seen);
        for (int i = 0; i < Plane; i++)
            Assert.AreEqual(source.FaceIndex[i] >= 0 ? 1 : 0, seen[i], "A picture shows all of itself.");
        visible.AsSpan().Clear();
        TransformationFlow.MarkSeen(visible, target.FaceIndex, new Morphology(S, S), seen);
        Assert.AreEqual(0, seen.Max(), "Of what is not seen, nothing is.");
    }

    [TestMethod]
    public void PartsAreNamed()
    {
        BodySurface surface = BodyModel.Default.Surface;
        bool[] head = PartSelection.Faces(surface, ["Head"]), body = PartSelection.Faces(surface, ["body"]),
            all = PartSelection.Faces(surface, ["all"]);
        bool[] halves = PartSelection.Faces(surface, ["upper", "lower"]),
            limbs = PartSelection.Faces(surface, ["torso", "arms", "legs", "hands", "feet"]);
        Assert.IsTrue(all.All(f => f));
        CollectionAssert.AreEqual(body, head.Select(f => !f).ToArray());
        CollectionAssert.AreEqual(body, halves);
        CollectionAssert.AreEqual(body, limbs);
        CollectionAssert.AreEqual(PartSelection.Faces(surface, ["arms"]), PartSelection.Faces(surface, ["left arm", "RIGHT ARM"]));
        Assert.AreEqual(10, PartSelection.Groups.Count);
        string message = Assert.ThrowsExactly<BodyMismatchException>(() => PartSelection.Faces(surface, ["tail"])).Message;
        foreach (string word in (string[])["'tail'", "left foot", "upper"])
            StringAssert.Contains(message, word);
        StringAssert.Contains(Assert.ThrowsExactly<BodyMismatchException>(() =>
            PartSelection.Faces(Fixture.SurfacedBody.Surface, ["body"])).Message, "parts");
        Assert.ThrowsExactly<ArgumentException>(() => PartSelection.Faces(surface, []));
    }
}
