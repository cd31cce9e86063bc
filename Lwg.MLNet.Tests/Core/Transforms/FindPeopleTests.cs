using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests EstimateSmpl with estimators that find people: our own network, with weights by formula, and one whose truth is
/// known.</summary>
[TestClass]
public sealed class FindPeopleTests
{
    private const int Width = 160, Height = 120;

    private readonly MLContext _context = new(seed: 1);

    // These thresholds accept everything, so that untrained weights pass. The fit has its own test, because this check computes each row
    // about fifty times. The rows show that the thresholds survive saving.
    [TestMethod]
    public void OurOwnNetwork()
    {
        using var estimator = new LearnedSmplEstimator(SmallPersonNetwork.Package());
        var options = new EstimateSmplOptions
        {
            MaskSize = 20,
            OnUnclear = UnclearPerson.Report,
            Finding = new PersonFindingOptions { Refine = false, MinimumPresence = 0, MinimumConfidence = 0, SeveralFrom = 1 },
        };
        EstimatorCheck<Row, Person>.Run(_context, _context.Transforms.EstimateSmpl(options, estimator),
            [.. Enumerable.Range(1, 3).Select(i => new Row { Image = TestBody.Picture(i, Width, Height) })]);
        uint[] statuses = Read<uint>(options, estimator, "PersonStatus", TestBody.Picture(1, Width, Height));
        Assert.AreEqual(1 + (uint)PersonFindingStatus.Found, statuses[0],
            "A row without a person would have no values to compare.");
    }

    [TestMethod]
    public void TheColumnsAgreeWithTheFinder()
    {
        MLImage image = Picture(SilhouetteEstimator.Standing(90, 60, 80, Width));
        IDataView rows = Transform(new EstimateSmplOptions { MaskSize = 24 }, new SilhouetteEstimator(), image);
        using var finder = new PersonFinder(new SilhouetteEstimator(), BodyModel.Default);
        PersonFinding expected = finder.Find(ImageCodec.ToPixels(image));
        CollectionAssert.AreEqual(expected.Smpl, Column("Smpl"));
        CollectionAssert.AreEqual(expected.UnrefinedSmpl, Column("UnrefinedSmpl"));
        CollectionAssert.AreNotEqual(expected.UnrefinedSmpl, expected.Smpl);
        CollectionAssert.AreEqual(expected.Keypoints, Column("EstimatedKeypoints"));
        CollectionAssert.AreEqual(new[] { expected.Box.MinX, expected.Box.MaxX, expected.Box.MinY, expected.Box.MaxY },
            Column("EstimatedBox"));
        float[] mask = new float[24 * 24];
        expected.CopyMask(SilhouetteEstimator.Size, Width, mask, 24);
        CollectionAssert.AreEqual(mask, Column("PersonMask"));
        Assert.AreEqual(0.9f, rows.GetColumn<float>("Confidence").Single(), 1e-6f);
        Assert.AreEqual(1 + (uint)PersonFindingStatus.Found, rows.GetColumn<uint>("PersonStatus").Single());

        float[] Column(string name) => rows.GetColumn<float[]>(name).Single();
    }

    [TestMethod]
    public void UnclearRowsAreRefusedOrReported()
    {
        MLImage somebody = Picture(SilhouetteEstimator.Standing(90, 60, 80, Width)),
            nobody = ImageCodec.ToImage(new PixelBuffer(Width, Height));
        var cut = new SilhouetteEstimator((_, keypoints, _, _) => keypoints[3 * 11 + 2] = keypoints[3 * 12 + 2] = 0);
        var several = new SilhouetteEstimator((_, _, _, presence) => presence[1] = 0.9f);
        foreach ((SmplEstimator estimator, MLImage image, PersonFindingStatus status, string word) in new (SmplEstimator, MLImage,
            PersonFindingStatus, string)[]
        {
            (new SilhouetteEstimator(), nobody, PersonFindingStatus.Nobody, "No person is found"),
            (cut, somebody, PersonFindingStatus.CutOff, "Too little of the person"),
            (several, somebody, PersonFindingStatus.SeveralPeople, "more than one person"),
        })
        {
            string message = Assert.ThrowsExactly<PersonNotFoundException>(() =>
                Read<uint>(new EstimateSmplOptions(), estimator, "PersonStatus", image)).Message;
            StringAssert.Contains(message, "Stage 'EstimateSmpl': column 'Image'");
            StringAssert.Contains(message, word);
            IDataView rows = Transform(new EstimateSmplOptions { OnUnclear = UnclearPerson.Report }, estimator, image);
            Assert.AreEqual(1 + (uint)status, rows.GetColumn<uint>("PersonStatus").Single());
            Assert.AreEqual(status == PersonFindingStatus.Nobody, rows.GetColumn<float[]>("Smpl").Single()
                .Concat(rows.GetColumn<float[]>("PersonMask").Single()).All(v => v == 0));
        }
        // A refused row does not affect the next ones.
        uint[] statuses = Read<uint>(new EstimateSmplOptions { OnUnclear = UnclearPerson.Report }, new SilhouetteEstimator(),
            "PersonStatus", somebody, nobody, somebody);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 1 }, statuses);
    }

    [TestMethod]
    public void FindPersonPassesOnTheHandlingOfUnclearRows()
    {
        MLImage person = Picture(SilhouetteEstimator.Standing(90, 60, 80, Width)),
            blank = ImageCodec.ToImage(new PixelBuffer(Width, Height));
        IDataView data = _context.Data.LoadFromEnumerable(new[] { person, blank, person }.Select(p => new PhotoRow { SourcePhoto = p })
            .ToList());
        IDataView reported = Find(UnclearPerson.Report);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 1 }, reported.GetColumn<uint>("SourcePersonStatus").ToArray());
        CollectionAssert.AreEqual(new[] { 1, 0, 1 }, reported.GetColumn<int>("SourcePeopleCount").ToArray());
        Assert.AreEqual(0f, reported.GetColumn<float[]>("SourceSmpl").ElementAt(1)[0]);
        Assert.AreEqual(2, _context.Data.FilterByCustomPredicate<StatusRow>(reported, row => row.SourcePersonStatus != 1)
            .GetColumn<float[]>("SourceSmpl").Count(s => s[0] > 0), "What is clear can be filtered.");
        foreach (UnclearPerson refusing in (UnclearPerson[])[UnclearPerson.Refuse, UnclearPerson.Accept])
            Assert.ThrowsExactly<PersonNotFoundException>(() => Find(refusing).GetColumn<uint>("SourcePersonStatus").ToArray());

        // Several people: refused, unless accepted; the body is computed.
        var several = new SilhouetteEstimator((_, _, _, presence) => presence[1] = 0.9f);
        IDataView one = _context.Data.LoadFromEnumerable([new PhotoRow { SourcePhoto = person }]);
        IDataView accepted = _context.Transforms.FindPerson(new FindPersonOptions { ImageSize = 64, OnUnclear = UnclearPerson.Accept },
            several).Fit(one).Transform(one);
        Assert.AreEqual(1 + (uint)PersonFindingStatus.SeveralPeople, accepted.GetColumn<uint>("SourcePersonStatus").Single());
        Assert.IsGreaterThan(0f, accepted.GetColumn<float[]>("SourceSmpl").Single()[0]);
        StringAssert.Contains(Assert.ThrowsExactly<PersonNotFoundException>(() => _context.Transforms.FindPerson(new FindPersonOptions
        {
            ImageSize = 64,
        }, several).Fit(one).Transform(one).GetColumn<uint>("SourcePersonStatus").ToArray()).Message, "more than one person");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Transforms.FindPerson(new FindPersonOptions
        {
            ImageSize = 64,
            OnUnclear = (UnclearPerson)9,
        }, several).Fit(one));
        IDataView meant = _context.Transforms.FindPerson(new FindPersonOptions { ImageSize = 64, Finding = new() { AcceptSeveral = true } },
            several).Fit(one).Transform(one);
        Assert.AreEqual(1 + (uint)PersonFindingStatus.Found, meant.GetColumn<uint>("SourcePersonStatus").Single());

        IDataView Find(UnclearPerson onUnclear) =>
            _context.Transforms.FindPerson(new FindPersonOptions { ImageSize = 64, OnUnclear = onUnclear }, new SilhouetteEstimator())
            .Fit(data).Transform(data);
    }

    [TestMethod]
    public void ARefusalForAnEarlierStatusGivesItsReason()
    {
        MLImage somebody = Picture(SilhouetteEstimator.Standing(90, 60, 80, Width));
        var several = new SilhouetteEstimator((_, _, _, presence) => presence[1] = 0.9f);
        IDataView rows = Transform(new EstimateSmplOptions { OnUnclear = UnclearPerson.Report }, several, somebody);
        var again = new EstimateSmplOptions { EarlierStatusColumnName = "PersonStatus", StatusColumnName = "SecondStatus" };
        string message = Assert.ThrowsExactly<PersonNotFoundException>(() => _context.Transforms.EstimateSmpl(again,
            new SilhouetteEstimator()).Fit(rows).Transform(rows).GetColumn<uint>("SecondStatus").ToArray()).Message;
        StringAssert.Contains(message, "more than one person in the photograph");
    }

    [TestMethod]
    public void TheThresholdsAreThoseOfTheOptions()
    {
        MLImage image = Picture(SilhouetteEstimator.Standing(90, 60, 80, Width));
        var sure = new EstimateSmplOptions { OnUnclear = UnclearPerson.Report,
            Finding = new PersonFindingOptions { MinimumPresence = 0.95f, Refine = false } };
        Assert.AreEqual(1 + (uint)PersonFindingStatus.Nobody, Read<uint>(sure, new SilhouetteEstimator(), "PersonStatus", image)[0]);
        var alone = new EstimateSmplOptions { OnUnclear = UnclearPerson.Report,
            Finding = new PersonFindingOptions { SeveralFrom = 0.1f, Refine = false } };
        Assert.AreEqual(1 + (uint)PersonFindingStatus.SeveralPeople,
            Read<uint>(alone, new SilhouetteEstimator(), "PersonStatus", image)[0]);
        foreach (EstimateSmplOptions options in (EstimateSmplOptions[])[new() { MaskSize = 15 }, new() { MaskSize = 1025 },
            new() { Finding = new() { MinimumPresence = 2 } }])
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Transforms.EstimateSmpl(options, new SilhouetteEstimator()));
    }

    [TestMethod]
    public void OnlyRequestedColumnsAreComputed()
    {
        var estimator = new SilhouetteEstimator();
        MLImage image = Picture(SilhouetteEstimator.Standing(90, 60, 80, Width));
        IDataView rows = Transform(new EstimateSmplOptions { Finding = new PersonFindingOptions { Refine = false } }, estimator, image,
            image);
        Assert.HasCount(2, rows.GetColumn<float[]>("Other").ToList());
        Assert.AreEqual(0, estimator.Looks, "Another column needs no look.");
        _ = rows.GetColumn<float>("Confidence").First();
        Assert.IsTrue(estimator.Looks is >= 1 and <= 3, $"{estimator.Looks} looks: one row is one finding.");
    }

    [TestMethod]
    public void ErrorsAreReportedOnceWithTheirColumn()
    {
        MLImage image = Picture(SilhouetteEstimator.Standing(90, 60, 80, Width));
        var broken = new SilhouetteEstimator((_, keypoints, _, _) => keypoints[4] = float.NaN);
        StringAssert.Contains(Assert.ThrowsExactly<LwgException>(() =>
            Read<uint>(new EstimateSmplOptions(), broken, "PersonStatus", image)).Message,
            "Stage 'EstimateSmpl': column 'Image': The estimator gave NaN");
        string message = Assert.ThrowsExactly<LwgException>(() =>
            Read<uint>(new EstimateSmplOptions { BoxColumnName = "Other" }, new SilhouetteEstimator(), "PersonStatus", image)).Message;
        StringAssert.Contains(message, "Stage 'EstimateSmpl': column 'Other': ");
        Assert.DoesNotContain("'Image'", message);
    }

    [TestMethod]
    public void ABoxSelectsThePerson()
    {
        PixelBuffer two = ImageCodec.ToPixels(Picture(SilhouetteEstimator.Standing(40, 60, 50, Width)));
        float[] person = SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(120, 60, 50, Width), Width, Height).Person;
        for (int i = 0; i < Width * Height; i++)
        {
            if (person[i] > 0)
                two.Row(i / Width).Slice(3 * (i % Width), 3).Fill(255);
        }
        foreach (float middle in new[] { 40f, 120f })
        {
            IDataView data = _context.Data.LoadFromEnumerable(
                [new Row { Image = ImageCodec.ToImage(two), Other = [middle - 20, middle + 20, 35, 85] }]);
            float[] box = _context.Transforms.EstimateSmpl(
                new EstimateSmplOptions { BoxColumnName = "Other", Finding = new PersonFindingOptions { Refine = false } },
                new SilhouetteEstimator())
                .Fit(data).Transform(data).GetColumn<float[]>("EstimatedBox").Single();
            Assert.AreEqual(middle, (box[0] + box[1]) / 2, 3f);
        }
    }

    private IDataView Transform(EstimateSmplOptions options, SmplEstimator estimator, params MLImage[] images)
    {
        IDataView data = _context.Data.LoadFromEnumerable(images.Select(i => new Row { Image = i }).ToList());
        return _context.Transforms.EstimateSmpl(options, estimator).Fit(data).Transform(data);
    }

    private T[] Read<T>(EstimateSmplOptions options, SmplEstimator estimator, string column, params MLImage[] images) =>
        [.. Transform(options, estimator, images).GetColumn<T>(column)];

    private static MLImage Picture(float[] smpl) => ImageCodec.ToImage(SilhouetteEstimator.Paint(smpl, Width, Height).Picture);

    private sealed class Row
    {
        [ImageType(Height, Width)]
        public MLImage Image { get; set; } = null!;

        /// <summary>A box, empty (minX above maxX) unless a test gives another.</summary>
        [VectorType(4)]
        public float[] Other { get; set; } = [50, 40, 10, 90];
    }

    private sealed class PhotoRow
    {
        [AnySizeImage]
        public MLImage SourcePhoto { get; set; } = null!;
    }

    private sealed class StatusRow
    {
        [KeyType(5)]
        public uint SourcePersonStatus { get; set; }
    }

    private sealed class Person
    {
        public float[] Smpl { get; set; } = [];

        public float[] EstimatedKeypoints { get; set; } = [];

        public float[] UnrefinedSmpl { get; set; } = [];

        public float[] EstimatedBox { get; set; } = [];

        public float[] PersonMask { get; set; } = [];

        public float Confidence { get; set; }

        [KeyType(5)]
        public uint PersonStatus { get; set; }

        public int PeopleCount { get; set; }
    }
}
