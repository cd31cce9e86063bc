using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Tests.People;

/// <summary>Tests pictures for an estimator: compares their ground truth with the drawn body of the ground truth.</summary>
[TestClass]
public sealed class SyntheticSnapshotsTests
{
    private const int Size = 64, Count = 200;
    private const long First = 2_000_000;

    private static readonly Lazy<List<Snapshot>> s_snapshots = new(() =>
    {
        var people = new SyntheticSnapshots(BodyModel.Default, Size);
        return [.. Enumerable.Range(0, Count).Select(i => Filled(people, First + i))];
    }), s_varied = new(() =>
    {
        var people = new SyntheticSnapshots(BodyModel.Default, Size, version: SyntheticPeople.LastVersion);
        return [.. Enumerable.Range(0, Count).Select(i => Filled(people, First + i))];
    });

    [TestMethod]
    public void TheSameNumberGivesTheSamePicture()
    {
        // Regardless of earlier calls and of the contents of the buffers.
        var people = new SyntheticSnapshots(BodyModel.Default, Size);
        var snapshot = new Snapshot(Size);
        foreach (int i in new[] { 11, 3, 2, 11, 10, 3 })
        {
            people.Fill(First + i, snapshot);
            Snapshot expected = s_snapshots.Value[i];
            Assert.AreEqual(expected.PersonCount, snapshot.PersonCount);
            Assert.IsTrue(expected.Image.AsSpan().SequenceEqual(snapshot.Image) && expected.Mask.AsSpan().SequenceEqual(snapshot.Mask)
                && expected.Keypoints.AsSpan().SequenceEqual(snapshot.Keypoints)
                && expected.Smpl.AsSpan().SequenceEqual(snapshot.Smpl), $"number {i}");
        }
        Assert.HasCount(Count, s_snapshots.Value.Select(s => s.Image.Sum(v => (double)v)).Distinct().ToList(), "Every picture is another.");
    }

    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void NumbersAreInTheirRanges(int version)
    {
        foreach (Snapshot s in Of(version))
        {
            Assert.IsTrue(s.Image.All(v => v is >= -1 and <= 1));
            Assert.IsTrue(s.Mask.All(v => v is >= 0 and <= 1.0001f));
            Assert.IsTrue(s.Smpl.All(float.IsFinite) && s.Smpl[0] > 0);
            for (int k = 0; k < 17; k++)
                Assert.IsTrue(float.IsFinite(s.Keypoints[3 * k]) && float.IsFinite(s.Keypoints[3 * k + 1])
                    && s.Keypoints[3 * k + 2] is 0 or 0.5f or 1);
        }
        // Some of each kind: a twentieth without people, and a part of the seventh with two people in which both are visible.
        Assert.IsInRange(3, 25, Of(version).Count(s => s.PersonCount == 0));
        Assert.IsInRange(6, 45, Of(version).Count(s => s.PersonCount == 2));
    }

    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void KeypointsAreThoseOfTheBody(int version)
    {
        var posed = new PosedBody(BodyModel.Default);
        foreach (Snapshot s in Of(version).Where(s => s.PersonCount > 0))
        {
            BodyModel.Default.Pose(s.Smpl, posed);
            for (int k = 0; k < 17; k++)
            {
                int own = 2 * Skeleton.CocoToKeypoint[k];
                (float x, float y) = ((posed.Keypoints2D[own] + 1) * Size / 2, (posed.Keypoints2D[own + 1] + 1) * Size / 2);
                Assert.AreEqual(x, s.Keypoints[3 * k], 1e-3f);
                Assert.AreEqual(y, s.Keypoints[3 * k + 1], 1e-3f);
                bool inside = x is >= 0 and < Size && y is >= 0 and < Size, seen = s.Keypoints[3 * k + 2] > 0;
                // From the second version on, the photograph's edge can be inside the picture.
                Assert.IsTrue(version == SyntheticPeople.FirstVersion ? seen == inside : inside || !seen,
                    "0 is what lies outside, and only that.");
            }
        }
    }

    // Half of the people face any direction, and most others the camera; some heads are above the picture.
    [TestMethod]
    public void PeopleShowAllTheirSidesAndSomeHaveNoHead()
    {
        float[] root = new float[9];
        List<Snapshot> people = [.. s_snapshots.Value.Where(s => s.PersonCount > 0)];
        int[] sides = new int[3];
        foreach (Snapshot s in people)
        {
            Rotations.FromAxisAngle(s.Smpl.AsSpan(SmplLayout.PoseOffset, 3), root);
            float towards = -root[8] / MathF.Sqrt(root[2] * root[2] + root[8] * root[8]);
            sides[towards > 0.5f ? 0 : towards > -0.5f ? 1 : 2]++;
        }
        // Expected: 57 % fronts, 25 % sides and 18 % backs of some 190 people.
        Assert.IsInRange(0.45 * people.Count, 0.7 * people.Count, sides[0]);
        Assert.IsInRange(0.15 * people.Count, 0.38 * people.Count, sides[1]);
        Assert.IsInRange(0.1 * people.Count, 0.3 * people.Count, sides[2]);
        int headless = people.Count(s => s.Keypoints[2] == 0 && s.Keypoints[1] < 0 && s.Keypoints[3 * 11 + 2] > 0);
        Assert.IsInRange(3, 40, headless);
    }

    // In the second version 30 % of the people run, kick, bend or reach, and other people hide parts of the person.
    [TestMethod]
    public void PeopleOfTheSecondVersionBendAndOthersStandInFront()
    {
        (int first, int varied) = (s_snapshots.Value.Count(Leans), s_varied.Value.Count(Leans));
        Assert.IsInRange(first + 8, Count / 2, varied, $"first version {first}");
        (double alone, double beside) = (HiddenShare(s_varied.Value, 1), HiddenShare(s_varied.Value, 2));
        Assert.IsGreaterThan(1.15 * alone, beside, $"alone {alone:0.000}, beside others {beside:0.000}");

        // The share of people of whom something hides a part of the body.
        static double HiddenShare(List<Snapshot> snapshots, int people) => snapshots.Where(s => s.PersonCount == people)
            .Average(s => IsHidden(s) ? 1.0 : 0);

        // The trunk is more than 25 degrees off the vertical.
        static bool Leans(Snapshot s)
        {
            var posed = new PosedBody(BodyModel.Default);
            BodyModel.Default.Pose(s.Smpl, posed);
            Vector3 trunk = Vector3.Normalize(Joint(Skeleton.Spine3) - Joint(Skeleton.Pelvis));
            return s.PersonCount > 0 && -trunk.Y < MathF.Cos(25 * MathF.PI / 180);

            Vector3 Joint(int j) => new(posed.Joints.AsSpan(3 * j, 3));
        }
    }

    // The drawn body of the truth is inside the mask: nearly completely, up to edge pixels, if nothing hides the person.
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void TheMaskIsWhereTheBodyIs(int people)
    {
        List<double> covered = [], beside = [];
        foreach (Snapshot s in s_snapshots.Value.Where(s => s.PersonCount == people && !IsHidden(s)))
        {
            float[] body = Silhouette(s.Smpl);
            double on = body.Zip(s.Mask, (b, m) => (double)b * m).Sum();
            if (body.Sum() < 100)
                continue;
            covered.Add(on / body.Sum());
            beside.Add(1 - body.Zip(s.Mask, (b, m) => (double)b * m).Sum() / s.Mask.Sum());
        }
        covered.Sort();
        beside.Sort();
        string found = $"covered: least {covered[0]:0.000}, tenth {covered[covered.Count / 10]:0.000}, median "
            + $"{covered[covered.Count / 2]:0.000}; beside: median {beside[beside.Count / 2]:0.000}, ninth tenth "
            + $"{beside[beside.Count * 9 / 10]:0.000}; {covered.Count}";
        // A body one pixel off covers 0.85 of the mask at this size; objects can hide trunks between the key points in one of ten
        // pictures.
        Assert.IsGreaterThan(0.92, covered[covered.Count / 2], found);
        Assert.IsGreaterThan(0.85, covered[covered.Count / 10], found);
        // Hair and clothes stand off the body.
        Assert.IsLessThan(0.35, beside[beside.Count / 2], found);
    }

    // Nearly all visible key points are on the person, and almost no hidden ones (except in the face, which may be turned away): limbs
    // are three pixels wide here, and objects have soft edges.
    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void VisiblePointsLieOnTheMask(int version)
    {
        int seen = 0, seenOn = 0, hidden = 0, hiddenOn = 0;
        foreach (Snapshot s in Of(version))
        {
            for (int k = 0; k < 17; k++)
            {
                if (s.Keypoints[3 * k + 2] == 0)
                    continue;
                bool on = s.Mask[(int)s.Keypoints[3 * k + 1] * Size + (int)s.Keypoints[3 * k]] > 0.5f;
                if (s.Keypoints[3 * k + 2] == 1)
                    (seen, seenOn) = (seen + 1, seenOn + (on ? 1 : 0));
                else if (k > 4)
                    (hidden, hiddenOn) = (hidden + 1, hiddenOn + (on ? 1 : 0));
            }
        }
        string found = $"seen {seenOn} of {seen}, hidden {hiddenOn} of {hidden}";
        Assert.IsGreaterThan(0.95 * seen, seenOn, found);
        Assert.IsGreaterThan(20, hidden, found);
        Assert.IsLessThan(0.1 * hidden, hiddenOn, found);
    }

    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void WithoutAPersonNothingIsLabelled(int version)
    {
        foreach (Snapshot s in Of(version).Where(s => s.PersonCount == 0))
        {
            Assert.IsTrue(s.Mask.All(m => m == 0));
            Assert.IsTrue(Enumerable.Range(0, 17).All(k => s.Keypoints[3 * k + 2] == 0));
        }
    }

    // Only a person who is completely in the picture can be placed beside another: if one is cut off, the truth must be one person.
    [TestMethod]
    public void ASecondPersonIsLabelledOnlyIfVisible()
    {
        var people = new SyntheticPeople(BodyModel.Default, Size);
        var pair = new SyntheticPair(Size);
        foreach (int i in Enumerable.Range(0, Count).Where(i => s_snapshots.Value[i].PersonCount == 2))
        {
            people.Fill((First + i) / 2, 0, pair);
            float[] other = i % 2 == 0 ? pair.TargetMask : pair.SourceMask;
            Assert.IsFalse(Enumerable.Range(0, Size)
                .Any(k => other[k] >= 0.5f || other[k * Size] >= 0.5f || other[k * Size + Size - 1] >= 0.5f), $"number {i}");
        }
    }

    // A person whose feet are cut off in the painted picture also ends at this picture's edge, not before: the body's pixels in the last
    // rows are in the mask.
    [TestMethod]
    public void APersonWhoIsCutOffEndsAtTheEdge()
    {
        var people = new SyntheticPeople(BodyModel.Default, Size);
        var pair = new SyntheticPair(Size);
        int cut = 0;
        double body = 0, on = 0;
        for (int i = 0; i < Count; i++)
        {
            Snapshot s = s_snapshots.Value[i];
            people.Fill((First + i) / 2, 0, pair);
            float[] mask = i % 2 == 0 ? pair.SourceMask : pair.TargetMask;
            if (s.PersonCount == 0 || IsHidden(s) || Enumerable.Range(0, Size).Count(x => mask[(Size - 1) * Size + x] >= 0.5f) < 2)
                continue;
            cut++;
            float[] drawn = Silhouette(s.Smpl);
            for (int at = (Size - 3) * Size; at < Size * Size; at++)
                (body, on) = (body + drawn[at], on + drawn[at] * s.Mask[at]);
        }
        Assert.IsGreaterThan(5, cut, "people who are cut off");
        Assert.IsGreaterThan(10, body);
        Assert.IsGreaterThan(0.85, on / body, $"{cut} people, {body} pixels");
    }

    [TestMethod]
    public void OtherSizesAreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Snapshot(31));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Snapshot(1025));
        var people = new SyntheticSnapshots(BodyModel.Default, Size);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => people.Fill(0, new Snapshot(32))).Message, "32 pixels");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => people.Fill(-1, new Snapshot(Size)));
    }

    private static List<Snapshot> Of(int version) => version == SyntheticPeople.FirstVersion ? s_snapshots.Value : s_varied.Value;

    private static Snapshot Filled(SyntheticSnapshots people, long number)
    {
        var snapshot = new Snapshot(Size);
        people.Fill(number, snapshot);
        return snapshot;
    }

    private static bool IsHidden(Snapshot s) => Enumerable.Range(5, 12).Any(k => s.Keypoints[3 * k + 2] == 0.5f);

    private static float[] Silhouette(float[] smpl)
    {
        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(smpl, posed);
        float[] points = new float[posed.Vertices.Length], weights = new float[3 * Size * Size];
        int[] faces = new int[Size * Size];
        Camera.Project(posed.Vertices, smpl.AsSpan(0, SmplLayout.CameraCount), points);
        new MeshRasterizer(Size).Draw(points, BodyModel.Default.Faces, faces, weights);
        return [.. faces.Select(f => f < 0 ? 0f : 1)];
    }
}
