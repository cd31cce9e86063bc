using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Tests learning people from several pictures, on synthetic people with complete ground truth.</summary>
[TestClass]
public sealed class SubjectTests
{
    private const int Size = 128, Plane = Size * Size;
    private const long Identity = 1_000_001;

    private static BodyModel Body => BodyModel.Default;

    [TestMethod]
    public void ABackIsShownAsItsViewShowsIt()
    {
        SubjectView front = View(Identity, 0), back = View(Identity, 180), truth = View(Identity, 170, number: 2);
        double one = Error([front], truth), two = Error([front, back], truth);
        // With the front alone, the back must be invented.
        Assert.IsLessThan(0.85 * one, two, "L1 within the person");
        Assert.AreEqual(two, Error([back, front], truth), 0.35 * two, "Only the background and the camera come from the first view.");
    }

    [TestMethod]
    public void VisibleSurfaceOfAViewIsUnchanged()
    {
        SubjectView front = View(Identity, 0), back = View(Identity, 180);
        Subject subject = Subject.Learn(Body, [front, back], Size);
        float[] image = Generate(subject, front.Smpl).Image, mask = Mask(Identity, front.Smpl);
        new Morphology(Size, Size).Erode(mask, 7, mask);
        Assert.IsLessThan(0.05, PictureError.MeanAbsolute(image, front.Image, mask),
            "The front in its own pose, L1 within the person: only what is seen aslant differs.");
    }

    [TestMethod]
    public void OneShapeIsSharedAndKeyPointsStay()
    {
        SubjectView[] views = [View(Identity, 0), View(Identity, 90)];
        for (int k = 0; k < SmplLayout.ShapeCount; k++)
        {
            views[0].Smpl[SmplLayout.ShapeOffset + k] += 0.4f;
            views[1].Smpl[SmplLayout.ShapeOffset + k] -= 0.4f;
        }
        float[][] before = [.. views.Select(v => Joints(v.Smpl))];
        float[] mean = [.. Enumerable.Range(0, SmplLayout.ShapeCount)
            .Select(k => (views[0].Smpl[SmplLayout.ShapeOffset + k] + views[1].Smpl[SmplLayout.ShapeOffset + k]) / 2)];
        Subject subject = Subject.Learn(Body, views, Size);
        for (int v = 0; v < views.Length; v++)
        {
            CollectionAssert.AreEqual(mean, subject.Views[v].Smpl[SmplLayout.ShapeOffset..]);
            float[] after = Joints(subject.Views[v].Smpl);
            // 0.02 of [-1,1] is one percent of the picture.
            Assert.IsLessThan(0.02, after.Zip(before[v], (a, b) => Math.Abs(a - b)).Average(),
                $"view {v}: the camera makes up for the shape");
        }
    }

    [TestMethod]
    public void ABackgroundThatOneViewHidesComesFromAnother()
    {
        SubjectView left = View(Identity, 0, shift: -0.35f), right = View(Identity, 0, shift: 0.35f);
        var pair = new SyntheticPair(Size);
        new SyntheticPeople(Body, Size).Fill(Identity, 0, pair);
        double Wrong(params SubjectView[] views) =>
            PictureError.MeanAbsolute(Subject.Learn(Body, views, Size).Background, pair.Background, Mask(Identity, left.Smpl));
        Assert.IsLessThan(Wrong(left), Wrong(left, right));
    }

    [TestMethod]
    public void DifferentPeopleDisagree()
    {
        float same = Subject.Learn(Body, [View(Identity, 0), View(Identity, 30)], Size).Disagreement,
            other = Subject.Learn(Body, [View(Identity, 0), View(Identity + 4, 0)], Size).Disagreement;
        Assert.IsLessThan(0.5f, same);
        Assert.IsGreaterThan(2 * same, other);
        Assert.AreEqual(0, Subject.Learn(Body, [View(Identity, 0)], Size).Disagreement);
    }

    [TestMethod]
    public void ASavedSubjectIsIdentical()
    {
        Subject subject = Subject.Learn(Body, [View(Identity, 0), View(Identity, 180)], Size);
        using var stream = new MemoryStream();
        subject.Save(stream);
        stream.Position = 0;
        Subject loaded = Subject.Load(stream, "test");
        float[] target = View(Identity, 100, number: 2).Smpl;
        CollectionAssert.AreEqual(subject.Background.ToArray(), loaded.Background.ToArray());
        CollectionAssert.AreEqual(Generate(subject, target).Image, Generate(loaded, target).Image);
        stream.SetLength(stream.Length / 2);
        stream.Position = 0;
        Assert.ThrowsExactly<ModelFileException>(() => Subject.Load(stream, "test"));
    }

    [TestMethod]
    public void BadPicturesAreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => Subject.Learn(Body, [], Size));
        Assert.ThrowsExactly<ArgumentException>(() => Subject.Learn(Body, [View(Identity, 0) with { Image = new float[7] }], Size));
        Assert.ThrowsExactly<ArgumentException>(() => Subject.Learn(Body, [View(Identity, 0) with { Smpl = new float[7] }], Size));
    }

    private static double Error(IReadOnlyList<SubjectView> views, SubjectView truth) =>
        PictureError.MeanAbsolute(Generate(Subject.Learn(Body, views, Size), truth.Smpl).Image, truth.Image, Mask(Identity, truth.Smpl));

    private static TransferResult Generate(Subject subject, float[] smpl)
    {
        using ITransferWorker worker = new SubjectGenerator(subject, Body).CreateWorker(Size);
        var result = new TransferResult(Size);
        worker.Generate(PaintedPeople.TargetFrame(BodyMap.Render(smpl, Size)), result);
        return result;
    }

    private static SubjectView View(long identity, float degrees, int number = 0, float shift = 0)
    {
        float[] smpl = Smpl(identity, degrees, number, shift), image = new float[3 * Plane];
        new SyntheticPeople(Body, Size).Paint(identity, smpl, image, new float[Plane]);
        return new SubjectView(smpl, image);
    }

    private static float[] Mask(long identity, float[] smpl)
    {
        float[] mask = new float[Plane];
        new SyntheticPeople(Body, Size).Paint(identity, smpl, new float[3 * Plane], mask);
        return mask;
    }

    /// <summary>Returns a pose of a person, upright and turned.</summary>
    private static float[] Smpl(long identity, float degrees, int number, float shift)
    {
        var pair = new SyntheticPair(Size);
        new SyntheticPeople(Body, Size).Fill(identity, number, pair);
        float[] smpl = [.. pair.SourceSmpl], turn = new float[9], facing = new float[9], root = new float[9];
        Rotations.FromEuler(0, float.DegreesToRadians(degrees), 0, turn);
        Rotations.FromEuler(Math.PI, 0, 0, facing);
        Rotations.Multiply(turn, facing, root);
        Rotations.ToAxisAngle(root, smpl.AsSpan(SmplLayout.PoseOffset, 3));
        smpl[1] += shift / smpl[0];
        return smpl;
    }

    /// <summary>Computes the joints in the picture.</summary>
    private static float[] Joints(float[] smpl)
    {
        var posed = new PosedBody(Body);
        Body.Pose(smpl, posed);
        return [.. Enumerable.Range(0, Skeleton.JointCount)
            .SelectMany(j => (float[])[smpl[0] * (posed.Joints[3 * j] + smpl[1]), smpl[0] * (posed.Joints[3 * j + 1] + smpl[2])])];
    }
}
