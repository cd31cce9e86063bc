using Lwg.MLNet.Body;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Tests.Generation;

namespace Lwg.MLNet.Tests.People;

[TestClass]
public class SyntheticPeopleTests
{
    private const int Size = 64;
    private const long HeldOut = 1_000_000;

    private static SyntheticPair Filled(SyntheticPeople people, long identity, int number = 0, int size = Size)
    {
        var pair = new SyntheticPair(size);
        people.Fill(identity, number, pair);
        return pair;
    }

    private static float[][] All(SyntheticPair p) =>
        [p.SourceImage, p.TargetImage, p.SourceSmpl, p.TargetSmpl, p.SourceMask, p.TargetMask, p.Background];

    private static void AreSame(SyntheticPair a, SyntheticPair b, string what)
    {
        Assert.AreEqual(a.Identity, b.Identity);
        float[][] first = All(a), second = All(b);
        for (int k = 0; k < first.Length; k++)
            Assert.IsTrue(first[k].AsSpan().SequenceEqual(second[k]), $"{what}, buffer {k}");
    }

    private static double Distance(float[] a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += Math.Abs(a[i] - b[i]);
        return sum / a.Length;
    }

    // Regardless of earlier calls: other people, other pairs of the same person, old contents of the buffers.
    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void TheSameNumbersGiveTheSamePair(int version)
    {
        var people = new SyntheticPeople(BodyModel.Default, Size) { Version = version };
        SyntheticPair first = Filled(people, 7, 3), second = Filled(people, 41);
        people.Fill(7, 2, second);
        people.Fill(7, 3, second);
        AreSame(first, second, "after other pairs");
        AreSame(first, Filled(new SyntheticPeople(BodyModel.Default, Size) { Version = version }, 7, 3), "of another instance");
    }

    // The head is that of one person, everything below that of the other; a person's own clothes change nothing.
    [TestMethod]
    public void ClothesAreExchangedAndTheHeadStays()
    {
        var people = new SyntheticPeople(BodyModel.Default, 128);
        SyntheticPair pair = Filled(people, HeldOut + 1, size: 128);
        float[] own = new float[3 * 128 * 128], same = new float[own.Length], dressed = new float[own.Length], mask = new float[128 * 128],
            other = new float[mask.Length];
        people.Paint(HeldOut + 1, pair.SourceSmpl, own, mask);
        people.PaintDressed(HeldOut + 1, HeldOut + 2, pair.SourceSmpl, dressed, other);
        people.PaintDressed(HeldOut + 1, HeldOut + 1, pair.SourceSmpl, same, mask);
        CollectionAssert.AreEqual(own, same);
        int[] faces = BodyMap.Render(pair.SourceSmpl, 128).FaceIndex;
        double head = Difference(part => part == BodyPart.Head), legs = Difference(part => part is BodyPart.LeftLeg or BodyPart.RightLeg);
        Assert.IsLessThan(0.25 * legs, head, $"head {head:0.000}, legs {legs:0.000}");

        double Difference(Func<BodyPart, bool> of)
        {
            int[] pixels = [.. Enumerable.Range(0, faces.Length)
                .Where(i => faces[i] >= 0 && of((BodyPart)BodyModel.Default.Surface.Part[faces[i]]))];
            return pixels.Average(i => Math.Abs(own[i] - dressed[i]) + Math.Abs(own[faces.Length + i] - dressed[faces.Length + i]));
        }
    }

    [TestMethod]
    public void ThreadsDoNotMatter()
    {
        const int count = 8;
        var alone = new SyntheticPeople(BodyModel.Default, Size);
        SyntheticPair[] expected = [.. Enumerable.Range(0, count).Select(i => Filled(alone, 100 + i, i))];
        var forth = new SyntheticPair[count];
        var back = new SyntheticPair[count];
        void Run(SyntheticPair[] into, Func<int, int> order)
        {
            var people = new SyntheticPeople(BodyModel.Default, Size);
            for (int k = 0; k < count; k++)
                into[order(k)] = Filled(people, 100 + order(k), order(k));
        }
        Thread[] threads = [new(() => Run(forth, k => k)), new(() => Run(back, k => count - 1 - k))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        for (int i = 0; i < count; i++)
        {
            AreSame(expected[i], forth[i], $"person {100 + i} of the first thread");
            AreSame(expected[i], back[i], $"person {100 + i} of the second thread");
        }
    }

    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void NumbersAreInTheirRanges(int version)
    {
        var people = new SyntheticPeople(BodyModel.Default, Size) { Version = version };
        var pair = new SyntheticPair(Size);
        for (int i = 0; i < 24; i++)
        {
            people.Fill(500 + i, i % 3, pair);
            Assert.AreEqual(500 + i, pair.Identity);
            foreach (float[] image in (float[][])[pair.SourceImage, pair.TargetImage, pair.Background])
                Assert.IsTrue(image.All(v => v is >= -1 and <= 1), $"a picture of person {500 + i}");
            foreach (float[] mask in (float[][])[pair.SourceMask, pair.TargetMask])
                Assert.IsTrue(mask.All(v => v is >= 0 and <= 1), $"a mask of person {500 + i}");
            SmplLayout.Check(pair.SourceSmpl);
            SmplLayout.Check(pair.TargetSmpl);
            Assert.IsTrue(pair.SourceSmpl.AsSpan(SmplLayout.ShapeOffset).SequenceEqual(pair.TargetSmpl.AsSpan(SmplLayout.ShapeOffset)),
                "one person has one shape");
            // The same camera: its scale differs only by a jitter with a deviation of a hundredth (at most 3.46 deviations).
            Assert.AreEqual(1, pair.SourceSmpl[0] / pair.TargetSmpl[0], 0.08);
        }
    }

    // Clothes and hair make the person larger than the body, and nothing makes it smaller: a skirt adds most.
    [TestMethod]
    public void TheMaskIsTheBodyAndItsClothes()
    {
        const int size = 128, count = 24;
        var people = new SyntheticPeople(BodyModel.Default, size);
        var posed = new PosedBody(BodyModel.Default);
        var rasterizer = new MeshRasterizer(size);
        (float[] points, float[] weights, int[] faceIndex) =
            (new float[posed.Vertices.Length], new float[3 * size * size], new int[size * size]);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            SyntheticPair pair = Filled(people, HeldOut + i, 0, size);
            BodyModel.Default.Pose(pair.TargetSmpl, posed);
            Camera.Project(posed.Vertices, pair.TargetSmpl.AsSpan(SmplLayout.CameraOffset, SmplLayout.CameraCount), points);
            rasterizer.Draw(points, BodyModel.Default.Faces, faceIndex, weights);
            float[] body = [.. faceIndex.Select(f => f < 0 ? 0f : 1f)];
            int lost = 0, covered = 0;
            for (int p = 0; p < body.Length; p++)
            {
                covered += body[p] > 0 ? 1 : 0;
                lost += body[p] > 0 && pair.TargetMask[p] == 0 ? 1 : 0;
            }
            double overlap = MaskOverlap.IntersectionOverUnion(body, pair.TargetMask);
            sum += overlap;
            Assert.IsGreaterThan(0.60, overlap, $"person {HeldOut + i}");
            // Shoulders are smoothed, and so are slightly inside those of the body.
            Assert.IsLessThan(0.01, (double)lost / covered, $"the body without a person, person {HeldOut + i}");
        }
        Assert.IsGreaterThan(0.80, sum / count, "the mean overlap");
    }

    // The joints are inside the body, so their pixels show the person.
    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void TheJointsAreOnThePerson(int version)
    {
        var people = new SyntheticPeople(BodyModel.Default, Size) { Version = version };
        var posed = new PosedBody(BodyModel.Default);
        var pair = new SyntheticPair(Size);
        for (int i = 0; i < 24; i++)
        {
            people.Fill(900 + i, 1, pair);
            foreach ((float[] smpl, float[] mask) in ((float[], float[])[])[(pair.SourceSmpl, pair.SourceMask),
                (pair.TargetSmpl, pair.TargetMask)])
            {
                BodyModel.Default.Pose(smpl, posed);
                for (int joint = 0; joint < Skeleton.JointCount; joint++)
                {
                    int column = (int)((smpl[0] * (posed.Joints[3 * joint] + smpl[1]) + 1) * Size / 2),
                        row = (int)((smpl[0] * (posed.Joints[3 * joint + 1] + smpl[2]) + 1) * Size / 2);
                    if (column is >= 0 and < Size && row is >= 0 and < Size)
                        Assert.IsGreaterThan(0f, mask[row * Size + column], $"joint {joint} of person {900 + i}");
                }
            }
        }
    }

    // Pictures of two people differ by far more than noise (0.02); averaged over pairs, like photographs of different places.
    [TestMethod]
    public void PeopleDiffer()
    {
        const int count = 32;
        var people = new SyntheticPeople(BodyModel.Default, Size);
        SyntheticPair[] pairs = [.. Enumerable.Range(0, count).Select(i => Filled(people, i))];
        double sum = 0, least = double.MaxValue;
        for (int i = 0; i < count; i++)
        {
            for (int j = i + 1; j < count; j++)
            {
                double distance = Distance(pairs[i].SourceImage, pairs[j].SourceImage);
                (sum, least) = (sum + distance, Math.Min(least, distance));
            }
            Assert.IsGreaterThan(0.01, Distance(pairs[i].SourceMask, pairs[i].TargetMask), $"the two poses of person {i}");
        }
        Assert.IsGreaterThan(0.06, least, "the nearest two people");
        Assert.IsGreaterThan(0.4, sum / (count * (count - 1) / 2), "the mean of all pairs");
        Assert.IsGreaterThan(0.01, Distance(pairs[5].SourceMask, Filled(people, 5, 1).SourceMask), "another pair of one person");
    }

    [TestMethod]
    public void HeldOutPeopleAreOthers()
    {
        const int count = 16;
        var people = new SyntheticPeople(BodyModel.Default, Size);
        SyntheticPair[] trained = [.. Enumerable.Range(0, count).Select(i => Filled(people, i))];
        for (int i = 0; i < count; i++)
        {
            SyntheticPair heldOut = Filled(people, HeldOut + i);
            foreach (SyntheticPair other in trained)
            {
                Assert.IsGreaterThan(0.06, Distance(heldOut.SourceImage, other.SourceImage),
                    $"persons {heldOut.Identity} and {other.Identity}");
                Assert.IsGreaterThan(0.1, Distance(heldOut.SourceSmpl[SmplLayout.ShapeOffset..],
                    other.SourceSmpl[SmplLayout.ShapeOffset..]), "their shapes");
            }
        }
    }

    // Beside the person, the backdrop is unchanged, or darker in the person's shadow.
    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void BesideThePersonIsTheBackdrop(int version)
    {
        var people = new SyntheticPeople(BodyModel.Default, Size) { Version = version };
        float[] image = new float[3 * Size * Size], mask = new float[Size * Size];
        int beside = 0, equal = 0;
        for (int i = 0; i < 12; i++)
        {
            SyntheticPair pair = Filled(people, 40 + i);
            people.Paint(40 + i, pair.SourceSmpl, image, mask);
            Assert.IsTrue(mask.AsSpan().SequenceEqual(pair.SourceMask), "the same mask with noise and without");
            for (int k = 0; k < image.Length; k++)
            {
                if (mask[k % mask.Length] > 0)
                    continue;
                beside++;
                equal += image[k] == pair.Background[k] ? 1 : 0;
                // A tolerance for rounding: light times (1 - shadow), with no shadow.
                Assert.IsLessThanOrEqualTo(pair.Background[k] + 1e-5f, image[k], $"person {40 + i}, number {k}");
            }
        }
        // Most of the backdrop has no shadow.
        Assert.IsGreaterThan(0.6, (double)equal / beside);
    }

    // A picture of half the size is the same picture, smaller: only details finer than a pixel depend on the size.
    [TestMethod]
    public void TheSizeDoesNotMatter()
    {
        var small = new SyntheticPeople(BodyModel.Default, Size);
        var large = new SyntheticPeople(BodyModel.Default, 2 * Size);
        float[] image = new float[3 * Size * Size], mask = new float[Size * Size], shrunk = new float[3 * Size * Size];
        float[] wide = new float[12 * Size * Size], wideMask = new float[4 * Size * Size];
        for (int i = 0; i < 6; i++)
        {
            SyntheticPair pair = Filled(small, 70 + i);
            small.Paint(70 + i, pair.SourceSmpl, image, mask);
            large.Paint(70 + i, pair.SourceSmpl, wide, wideMask);
            for (int k = 0; k < shrunk.Length; k++)
            {
                int column = k % Size, row = k / Size, at = 4 * Size * row + 2 * column;
                shrunk[k] = (wide[at] + wide[at + 1] + wide[at + 2 * Size] + wide[at + 2 * Size + 1]) / 4;
            }
            // Fine patterns and outlines: a few hundredths.
            Assert.IsLessThan(0.06, Distance(image, shrunk), $"person {70 + i}");
        }
    }

    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void APairAllocatesNothing(int version)
    {
        var people = new SyntheticPeople(BodyModel.Default, Size) { Version = version };
        var pair = new SyntheticPair(Size);
        people.Fill(3, 0, pair);
        people.Fill(3, 1, pair);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int number = 2; number < 8; number++)
            people.Fill(3, number, pair);
        // The pairs allocate 360 bytes. A collection in between, caused by other tests, may also count the unused rest of the thread's
        // buffer, a few KB. The bound is a quarter of the smallest map [S,S] for each pair.
        Assert.IsLessThan(6 * Size * Size, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void WrongArgumentsAreRefused()
    {
        Assert.ThrowsExactly<ArgumentNullException>(() => new SyntheticPeople(null!, 64));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SyntheticPeople(BodyModel.Default, 31));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SyntheticPeople(BodyModel.Default, 1025));
        foreach (int version in (int[])[SyntheticPeople.FirstVersion - 1, SyntheticPeople.LastVersion + 1])
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SyntheticPeople(BodyModel.Default, 64) { Version = version });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SyntheticPair(31));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SyntheticPair(1025));
        var people = new SyntheticPeople(BodyModel.Default, 32);
        var pair = new SyntheticPair(32);
        Assert.ThrowsExactly<ArgumentNullException>(() => people.Fill(0, 0, null!));
        Assert.ThrowsExactly<ArgumentException>(() => people.Fill(0, 0, new SyntheticPair(33)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => people.Fill(-1, 0, pair));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => people.Fill(0, -1, pair));
        people.Fill(0, 0, pair);
        float[] image = new float[3 * 32 * 32], mask = new float[32 * 32];
        Assert.ThrowsExactly<ArgumentException>(() => people.Paint(0, new float[84], image, mask));
        Assert.ThrowsExactly<ArgumentException>(() => people.Paint(0, pair.SourceSmpl, image.AsSpan(1), mask));
        Assert.ThrowsExactly<ArgumentException>(() => people.Paint(0, pair.SourceSmpl, image, mask.AsSpan(1)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => people.Paint(-1, pair.SourceSmpl, image, mask));
    }
}
