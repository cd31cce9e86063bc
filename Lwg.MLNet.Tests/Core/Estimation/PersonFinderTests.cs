using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>Tests the finder with an estimator whose truth is known.</summary>
[TestClass]
public sealed class PersonFinderTests
{
    private static readonly PersonFindingOptions s_unrefined = new() { Refine = false };

    // The estimator reads whole pixels: an edge is exact to one of its pixels, and the person is 96 / 1.24 = 77 pixels high in the
    // closest pass. 2 % of the height.
    [TestMethod]
    [DataRow(400, 300, 200, 150, 240)]
    [DataRow(400, 300, 60, 100, 120)]
    [DataRow(300, 400, 220, 330, 90)]
    [DataRow(96, 96, 48, 48, 70)]
    [DataRow(500, 500, 430, 60, 60)]
    [DataRow(640, 80, 500, 40, 60)]
    public void ThePersonIsFoundAtAnyPlaceAndSize(int width, int height, int x, int y, int personHeight)
    {
        float[] truth = SilhouetteEstimator.Standing(x, y, personHeight, Math.Max(width, height));
        (PixelBuffer picture, float[] person) = SilhouetteEstimator.Paint(truth, width, height);
        using var finder = new PersonFinder(new SilhouetteEstimator(), BodyModel.Default, s_unrefined);
        PersonFinding finding = finder.Find(picture);
        Assert.AreEqual(PersonFindingStatus.Found, finding.Status);
        Assert.AreSame(finder.Finding, finding);
        // All key points are visible, and the presence is 0.9.
        Assert.AreEqual(0.9f, finding.Confidence, 1e-6f);
        int side = Math.Max(width, height);
        float off = 0.02f * personHeight;
        AreNear(SilhouetteEstimator.KeypointsOf(truth, side), finding.Keypoints, off, "key points in pixels of the picture");
        AreNear(SilhouetteEstimator.KeypointsOf(truth, side), SilhouetteEstimator.KeypointsOf(finding.Smpl, side), off,
            "the body in the picture's camera");
        CollectionAssert.AreEqual(finding.UnrefinedSmpl, finding.Smpl, "Nothing was fitted.");
        Assert.AreEqual(0, finding.FitError);

        // The box is that of the person: a rule and the mask, whose cells are two of 77 pixels high, account for head and feet.
        (int left, int top, int right, int bottom) = Extent(person, side);
        float loose = 0.06f * personHeight;
        Assert.AreEqual(left, finding.Box.MinX, loose);
        Assert.AreEqual(right, finding.Box.MaxX, loose);
        Assert.AreEqual(top, finding.Box.MinY, loose);
        Assert.AreEqual(bottom, finding.Box.MaxY, loose);
    }

    // An estimator that finds no person smaller than a fifth of its square, like real networks: in a long picture, its parts show the
    // person larger.
    [TestMethod]
    [DataRow(640, 160, 500, 80)]
    [DataRow(160, 640, 80, 100)]
    [DataRow(900, 160, 80, 100)]
    public void ASmallPersonInALongPictureIsFoundInAPartOfIt(int width, int height, int x, int y)
    {
        var estimator = new SilhouetteEstimator((_, keypoints, _, presence) =>
        {
            float[] rows = [.. keypoints.Where((_, i) => i % 3 == 1)];
            if (rows.Max() - rows.Min() < 0.2f * SilhouetteEstimator.Size)
                presence[0] = 0.1f;
        });
        float[] truth = SilhouetteEstimator.Standing(x, y, 90, Math.Max(width, height));
        using var finder = new PersonFinder(estimator, BodyModel.Default, s_unrefined);
        PersonFinding finding = finder.Find(SilhouetteEstimator.Paint(truth, width, height).Picture);
        Assert.AreEqual(PersonFindingStatus.Found, finding.Status);
        AreNear(SilhouetteEstimator.KeypointsOf(truth, Math.Max(width, height)), finding.Keypoints, 0.02f * 90,
            "key points in pixels of the picture");
        // Without a person there is no closer pass: one pass for the whole, one for each part.
        int before = estimator.Looks;
        Assert.AreEqual(PersonFindingStatus.Nobody, finder.Find(new PixelBuffer(width, height)).Status);
        Assert.AreEqual(1 + 2 * Math.Max(width, height) / Math.Min(width, height), estimator.Looks - before);
    }

    // The extent of a person is 1 / 1.24 of the square of the closest pass, at any position.
    [TestMethod]
    public void TheClosestLookIsAroundThePerson()
    {
        var estimator = new SilhouetteEstimator();
        using var finder = new PersonFinder(estimator, BodyModel.Default, s_unrefined);
        PersonFinding finding = finder.Find(SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(100, 300, 100, 600), 600, 600).Picture);
        Assert.AreEqual(1.24, finding.Crop.A * SilhouetteEstimator.Size / 100, 0.1);
        Assert.IsTrue(estimator.Looks is 2 or 3, $"{estimator.Looks} looks");
        // A person who fills the picture needs no second pass.
        int before = estimator.Looks;
        finder.Find(SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(50, 50, 80, 100), 100, 100).Picture);
        Assert.AreEqual(before + 1, estimator.Looks);
    }

    [TestMethod]
    public void TheFirstPlaceToSearchCanBeGiven()
    {
        // Two people: the square selects one.
        (PixelBuffer picture, _) = SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(100, 150, 120, 400), 400, 300);
        (PixelBuffer other, float[] person) = SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(300, 150, 120, 400), 400, 300);
        for (int i = 0; i < 400 * 300; i++)
        {
            if (person[i] > 0)
                picture.Row(i / 400).Slice(3 * (i % 400), 3).Fill(255);
        }
        using var finder = new PersonFinder(new SilhouetteEstimator(), BodyModel.Default, s_unrefined);
        foreach (float middle in new[] { 100f, 300f })
        {
            PersonFinding finding = finder.Find(picture, SquareCrop.AroundBox(middle - 60, 80, middle + 60, 220, SilhouetteEstimator.Size));
            Assert.AreEqual(middle, (finding.Box.MinX + finding.Box.MaxX) / 2, 4f);
        }
    }

    [TestMethod]
    public void NoPersonIsFoundInAnEmptyPicture()
    {
        using var finder = new PersonFinder(new SilhouetteEstimator(), BodyModel.Default, s_unrefined);
        finder.Find(SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(50, 50, 80, 100), 100, 100).Picture);
        // The previous finding must not remain.
        PersonFinding finding = finder.Find(new PixelBuffer(120, 90));
        Assert.AreEqual(PersonFindingStatus.Nobody, finding.Status);
        Assert.IsTrue(finding.Smpl.Concat(finding.UnrefinedSmpl).Concat(finding.Keypoints).Concat(finding.Mask).All(v => v == 0));
        Assert.AreEqual(default, finding.Box);
        Assert.AreEqual(0.1f, finding.Confidence, 1e-6f);
        StringAssert.Contains(finding.Explain(), "No person");
    }

    [TestMethod]
    public void APersonWhoIsCutOffIsNotFitted()
    {
        // Without hips; without five of six key points; then with just enough.
        foreach ((int[] seen, PersonFindingStatus status) in new[]
        {
            ([0, 1, 2, 3, 4, 5, 6, 7, 8], PersonFindingStatus.CutOff),
            ([11, 12, 13, 14, 15, 16], PersonFindingStatus.CutOff),
            ([5, 6, 11, 12, 13], PersonFindingStatus.CutOff),
            ((int[])[0, 5, 7, 11, 13, 15], PersonFindingStatus.Found),
        })
        {
            using var finder = new PersonFinder(new SilhouetteEstimator((_, keypoints, _, _) =>
            {
                for (int k = 0; k < 17; k++)
                    keypoints[3 * k + 2] = seen.Contains(k) ? 0.9f : 0.1f;
            }), BodyModel.Default);
            PersonFinding finding = finder.Find(SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(50, 50, 80, 100), 100, 100).Picture);
            Assert.AreEqual(status, finding.Status, string.Join(", ", seen));
            Assert.AreEqual(seen.Length, Enumerable.Range(0, 17).Count(k => finding.Keypoints[3 * k + 2] > 0),
                "What is below the least confidence does not count.");
            if (status == PersonFindingStatus.CutOff)
            {
                CollectionAssert.AreEqual(finding.UnrefinedSmpl, finding.Smpl);
                StringAssert.Contains(finding.Explain(), "hips");
            }
            else
            {
                CollectionAssert.AreNotEqual(finding.UnrefinedSmpl, finding.Smpl);
            }
            // (0.9 n + 0.1 (17 - n)) / 17 / 0.8, times the presence.
            Assert.AreEqual(0.9 * Math.Min(1, (0.9 * seen.Length + 0.1 * (17 - seen.Length)) / 17 / 0.8), finding.Confidence, 1e-5);
        }
    }

    [TestMethod]
    public void TheThresholdsAreThoseOfTheOptions()
    {
        PixelBuffer picture = SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(50, 50, 80, 100), 100, 100).Picture;
        Assert.AreEqual(PersonFindingStatus.SeveralPeople, Status(s_unrefined, 0.6f, 0.86f));
        Assert.AreEqual(PersonFindingStatus.Found, Status(s_unrefined, 0.6f, 0.69f));
        Assert.AreEqual(PersonFindingStatus.Found, Status(s_unrefined with { SeveralFrom = 0.95f }, 0.6f, 0.9f));
        Assert.AreEqual(PersonFindingStatus.Nobody, Status(s_unrefined, 0.4f, 0));
        Assert.AreEqual(PersonFindingStatus.Found, Status(s_unrefined with { MinimumPresence = 0.3f }, 0.4f, 0));
        Assert.AreEqual(PersonFindingStatus.Nobody, Status(s_unrefined with { MinimumConfidence = 0.9f }, 0.6f, 0, keypoint: 0.8f));
        foreach (PersonFindingOptions options in (PersonFindingOptions[])[new() { MinimumPresence = -1 }, new() { MinimumConfidence = 2 },
            new() { SeveralFrom = float.NaN }])
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                new PersonFinder(new SilhouetteEstimator(), BodyModel.Default, options));

        PersonFindingStatus Status(PersonFindingOptions options, float somebody, float several, float keypoint = 1)
        {
            using var finder = new PersonFinder(new SilhouetteEstimator((_, keypoints, _, presence) =>
            {
                (presence[0], presence[1]) = (somebody, several);
                for (int k = 2; k < keypoints.Length; k += 3)
                    keypoints[k] = keypoint;
            }), BodyModel.Default, options);
            return finder.Find(picture).Status;
        }
    }

    [TestMethod]
    public void AContradictoryResultIsUnclear()
    {
        PixelBuffer picture = SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(50, 50, 80, 100), 100, 100).Picture;
        Assert.AreEqual(PersonFindingStatus.Found, Find(null, new()).Status);

        // A mask of the whole square; then impossible key points, with arms as long as the legs; then key points that differ from those
        // of the mirrored picture.
        PersonFinding outline = Find((_, _, mask, _) =>
            mask.AsSpan().Fill(1), new PersonFindingOptions { MaximumFitError = 1, MaximumDisagreement = 1 });
        Assert.AreEqual(PersonFindingStatus.Unclear, outline.Status);
        StringAssert.Contains(outline.Explain(), "outline");
        PersonFinding longArms = Find((_, keypoints, _, _) =>
            (keypoints[3 * 9], keypoints[3 * 10]) = (keypoints[3 * 9] + 40, keypoints[3 * 10] - 40),
            new PersonFindingOptions { MinimumBodyOverlap = 0 });
        Assert.AreEqual(PersonFindingStatus.Unclear, longArms.Status);
        StringAssert.Contains(longArms.Explain(), "no body fits the key points");
        PersonFinding lopsided = Find((_, keypoints, _, _) =>
            keypoints[3 * 9] += 25, new PersonFindingOptions { MinimumBodyOverlap = 0, MaximumFitError = 1 });
        Assert.AreEqual(PersonFindingStatus.Unclear, lopsided.Status);
        StringAssert.Contains(lopsided.Explain(), "several estimates");
        Assert.IsGreaterThan(0.02f, lopsided.Disagreement);
        Assert.AreEqual(PersonFindingStatus.Found,
            Find((_, keypoints, _, _) => keypoints[3 * 9] += 25, new PersonFindingOptions { Doubts = false }).Status);

        PersonFinding Find(SilhouetteEstimator.Change? change, PersonFindingOptions options)
        {
            using var finder = new PersonFinder(new SilhouetteEstimator(change), BodyModel.Default, options);
            return finder.Find(picture);
        }
    }

    // The estimator's key points are four of its pixels too far to the right. On the mirrored picture that is to the left, so that only
    // the small share of the first, wide square remains.
    [TestMethod]
    public void ErrorsToOneSideCancelInTheMean()
    {
        const int Side = 300;
        float[] truth = SilhouetteEstimator.Standing(140, 150, 200, Side);
        PixelBuffer picture = SilhouetteEstimator.Paint(truth, Side, Side).Picture;
        double single = Error(new() { AveragesEstimates = false, Doubts = false }), mean = Error(new() { Doubts = false });
        // Four of the estimator's 96 pixels, on a square of 1.24 times the person.
        Assert.AreEqual(4 / 96.0 * 1.24, single, 0.01);
        Assert.IsLessThan(0.4 * single, mean);

        double Error(PersonFindingOptions options)
        {
            using var finder = new PersonFinder(new SilhouetteEstimator((_, keypoints, _, _) =>
            {
                for (int k = 0; k < keypoints.Length; k += 3)
                    keypoints[k] += 4;
            }), BodyModel.Default, options);
            PersonFinding finding = finder.Find(picture);
            Assert.AreEqual(options.AveragesEstimates, finding.Disagreement > 0);
            return Distance(SilhouetteEstimator.KeypointsOf(truth, Side), finding.Keypoints) / 200;
        }
    }

    [TestMethod]
    public void AnEstimatorMustReturnKeypointsAndAMask()
    {
        foreach (bool keypoints in new[] { false, true })
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() =>
                new PersonFinder(new SpotEstimator(48, keypoints), BodyModel.Default)).Message, "key points and a mask");
        // The presence is optional: without it, the key points determine it.
        using var finder = new PersonFinder(new SilhouetteEstimator(tellsPresence: false), BodyModel.Default, s_unrefined);
        PersonFinding finding = finder.Find(SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(50, 50, 80, 100), 100, 100).Picture);
        Assert.AreEqual((PersonFindingStatus.Found, 1f), (finding.Status, finding.Confidence));
    }

    // A cell of the finder's grid is two pixels in the closest pass, a cell of the copy is 6.25 picture pixels for a person 240 pixels
    // high: edges are exact to half a cell.
    [TestMethod]
    public void TheMaskIsResampledToOtherGrids()
    {
        const int Width = 400, Height = 300, Side = 400, Grid = 64;
        (PixelBuffer picture, float[] person) = SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(220, 150, 240, Side), Width, Height);
        using var finder = new PersonFinder(new SilhouetteEstimator(), BodyModel.Default, s_unrefined);
        PersonFinding finding = finder.Find(picture);
        float[] copied = new float[Grid * Grid], truth = new float[Grid * Grid];
        Array.Fill(copied, -1);
        finding.CopyMask(SilhouetteEstimator.Size, Side, copied, Grid);
        for (int i = 0; i < Grid * Grid; i++)
        {
            (int column, int row) = (i % Grid * Side / Grid, i / Grid * Side / Grid);
            for (int y = row; y < row + 6; y++)
                for (int x = column; x < column + 6; x++)
                    truth[i] += person[y * Side + x] / 36;
        }
        Assert.IsTrue(copied.All(v => v is >= 0 and <= 1.0001f));
        Assert.IsGreaterThan(0.85, MaskOverlap.IntersectionOverUnion(truth, copied));
        Assert.AreEqual(truth.Sum(), copied.Sum(), 0.08 * truth.Sum(), "the person's area");
        // Outside the processed square the mask is empty.
        for (int row = 0; row < Grid; row++)
            Assert.AreEqual(0, copied[row * Grid]);
    }

    // The estimator returns a wrong body: arms and legs turned, the wrong camera. The body is fitted to the correct key points and mask:
    // to 2.5 % of the height, because key points on the skin of our body are not completely free.
    [TestMethod]
    public void TheFitImprovesAWrongStart()
    {
        const int Side = 300;
        float[] truth = SilhouetteEstimator.Standing(140, 150, 200, Side);
        SilhouetteEstimator Wrong() => new((smpl, _, _, _) =>
        {
            smpl[0] *= 0.8f;
            smpl[SmplLayout.PoseOffset + 3 * 16 + 2] = 0.4f;
            smpl[SmplLayout.PoseOffset + 3 * 1] = -0.7f;
        });
        PixelBuffer picture = SilhouetteEstimator.Paint(truth, Side, Side).Picture;
        using var finder = new PersonFinder(Wrong(), BodyModel.Default);
        PersonFinding finding = finder.Find(picture);
        float[] right = SilhouetteEstimator.KeypointsOf(truth, Side);
        double before = Distance(right, SilhouetteEstimator.KeypointsOf(finding.UnrefinedSmpl, Side)) / 200,
            after = Distance(right, SilhouetteEstimator.KeypointsOf(finding.Smpl, Side)) / 200;
        Assert.IsGreaterThan(0.06, before, "The start must be wrong.");
        Assert.IsLessThan(0.025, after);
        Assert.IsTrue(finding.FitError is > 0 and < 0.03f, $"{finding.FitError}");

        // The result is bit-identical when repeated, also after another picture.
        float[] first = (float[])finding.Smpl.Clone();
        finder.Find(new PixelBuffer(10, 10));
        CollectionAssert.AreEqual(first, finder.Find(picture).Smpl);
    }

    [TestMethod]
    public void PicturesOfAnySize()
    {
        using var finder = new PersonFinder(new SilhouetteEstimator(), BodyModel.Default);
        Assert.AreEqual(PersonFindingStatus.Nobody, finder.Find(new PixelBuffer(1, 1)).Status);
        Assert.AreEqual(PersonFindingStatus.Nobody, finder.Find(new PixelBuffer(3000, 2)).Status);
        // All white: the estimator reports a person, and all values are finite.
        var white = new PixelBuffer(1, 1);
        white.Data.Fill(255);
        PersonFinding finding = finder.Find(white);
        Assert.IsTrue(finding.Smpl.Concat(finding.Keypoints).All(float.IsFinite));
    }

    [TestMethod]
    [DataRow("SMPL parameters")]
    [DataRow("key points")]
    [DataRow("mask")]
    [DataRow("presence")]
    public void NonFiniteNumbersAreAnErrorThatNamesThem(string what)
    {
        PixelBuffer picture = SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(50, 50, 80, 100), 100, 100).Picture;
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity })
        {
            using var finder = new PersonFinder(new SilhouetteEstimator((smpl, keypoints, mask, presence) =>
                (what switch { "SMPL parameters" => smpl, "key points" => keypoints, "mask" => mask, _ => presence })[1] = bad),
                BodyModel.Default);
            StringAssert.Contains(Assert.ThrowsExactly<LwgException>(() => finder.Find(picture)).Message, what);
        }
    }

    [TestMethod]
    public void ACameraOfScaleZeroShowsNoPerson()
    {
        using var finder = new PersonFinder(new SilhouetteEstimator((smpl, _, _, _) => smpl[0] = 0), BodyModel.Default, s_unrefined);
        Assert.AreEqual(PersonFindingStatus.Nobody,
            finder.Find(SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(50, 50, 80, 100), 100, 100).Picture).Status);
    }

    private static void AreNear(float[] expected, float[] found, float most, string what)
    {
        for (int k = 0; k < 17; k++)
        {
            float distance = MathF.Sqrt(MathF.Pow(expected[3 * k] - found[3 * k], 2)
                + MathF.Pow(expected[3 * k + 1] - found[3 * k + 1], 2));
            Assert.IsLessThanOrEqualTo(most, distance,
                $"{what}: {CocoSkeleton.KeypointNames[k]} at ({found[3 * k]}, {found[3 * k + 1]}) instead of ({expected[3 * k]}, "
                + $"{expected[3 * k + 1]})");
        }
    }

    private static double Distance(float[] a, float[] b) =>
        Enumerable.Range(0, 17).Average(k => Math.Sqrt(Math.Pow(a[3 * k] - b[3 * k], 2) + Math.Pow(a[3 * k + 1] - b[3 * k + 1], 2)));

    private static (int Left, int Top, int Right, int Bottom) Extent(float[] person, int side)
    {
        int[] on = [.. Enumerable.Range(0, person.Length).Where(i => person[i] > 0)];
        return (on.Min(i => i % side), on.Min(i => i / side), on.Max(i => i % side) + 1, on.Max(i => i / side) + 1);
    }
}
