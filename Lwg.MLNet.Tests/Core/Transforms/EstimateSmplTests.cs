using System.IO.Compression;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests EstimateSmpl with whole images, key points and boxes.</summary>
[TestClass]
public sealed class EstimateSmplTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void WholeImages()
    {
        using var estimator = new LearnedSmplEstimator(TinyEstimator.Package());
        EstimatorCheck<Row, Person>.Run(_context, _context.Transforms.EstimateSmpl(estimator), [.. Rows]);
    }

    [TestMethod]
    public void AroundKeypointsAndWithKeypoints()
    {
        using var estimator = new LearnedSmplEstimator(TinyEstimator.Package(withKeypoints: true));
        EstimatorCheck<Row, PersonWithKeypoints>.Run(
            _context, _context.Transforms.EstimateSmpl(new EstimateSmplOptions { KeypointsColumnName = "Keypoints", Margin = 0.1f },
            estimator), [.. Rows], ("Keypoints", [17, 3]));
    }

    [TestMethod]
    public void AroundBoxes()
    {
        using var estimator = new LearnedSmplEstimator(TinyEstimator.Package());
        EstimatorCheck<Row, Person>.Run(_context,
            _context.Transforms.EstimateSmpl(new EstimateSmplOptions { BoxColumnName = "Box" }, estimator), [.. Rows], ("Box", [4]));
    }

    [TestMethod]
    public void TheColumnsAgreeWithTheCore()
    {
        IDataView data = _context.Data.LoadFromEnumerable(Rows);
        ITransformer model = _context.Transforms.EstimateSmpl(new EstimateSmplOptions { KeypointsColumnName = "Keypoints" },
            new SpotEstimator(48)).Fit(data);
        float[][] around = [.. model.Transform(data).GetColumn<float[]>("Smpl")];
        float[][] whole = [.. _context.Transforms.EstimateSmpl(new SpotEstimator(48)).Fit(data).Transform(data).GetColumn<float[]>("Smpl")];
        for (int i = 0; i < around.Length; i++)
        {
            // The square around the key points is smaller than the image, so the scale is smaller.
            Assert.AreEqual(0.7f, whole[i][0], 1e-6f, "The whole image is 160 pixels wide, and so is its square.");
            Assert.IsLessThan(0.69f, around[i][0]);
        }
    }

    [TestMethod]
    public void TwoStagesKeepOneNetwork()
    {
        using var estimator = new LearnedSmplEstimator(TinyEstimator.Package());
        IDataView data = _context.Data.LoadFromEnumerable(Rows);
        ITransformer model = _context.Transforms.EstimateSmpl(estimator)
            .Append(_context.Transforms.EstimateSmpl(new EstimateSmplOptions { BoxColumnName = "Box", OutputColumnName = "Other" },
            estimator)).Fit(data);
        using var stream = new MemoryStream();
        _context.Model.Save(model, data.Schema, stream);
        using var zip = new ZipArchive(stream);
        Assert.AreEqual(1, zip.Entries.Count(e => e.Name.StartsWith("Network-", StringComparison.Ordinal)));
        stream.Position = 0;
        ITransformer loaded = PersonTransfer.LoadModel(new MLContext(), stream, out _);
        CollectionAssert.AreEqual(model.Transform(data).GetColumn<float[]>("Other").First(), loaded.Transform(data)
            .GetColumn<float[]>("Other").First());
    }

    [TestMethod]
    public void ErrorsAreReported()
    {
        IDataView data = _context.Data.LoadFromEnumerable(
            Rows.Select(r => new Row { Image = r.Image, Keypoints = new float[51], Box = [50, 40, 10, 90] }));
        string message = Assert.ThrowsExactly<KeypointInputException>(() =>
            Read(new EstimateSmplOptions { KeypointsColumnName = "Keypoints" })).Message;
        StringAssert.Contains(message, "Stage 'EstimateSmpl': column 'Keypoints'");
        message = Assert.ThrowsExactly<LwgException>(() => Read(new EstimateSmplOptions { BoxColumnName = "Box" })).Message;
        StringAssert.Contains(message, "Stage 'EstimateSmpl': column 'Box'");
        Assert.ThrowsExactly<ArgumentException>(() =>
            Read(new EstimateSmplOptions { BoxColumnName = "Box", KeypointsColumnName = "Keypoints" }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Read(new EstimateSmplOptions { BoxColumnName = "Box", Margin = -1 }));

        using var folder = new TemporaryFolder();
        ITransformer model = _context.Transforms.EstimateSmpl(new SpotEstimator(48)).Fit(data);
        message = Assert.ThrowsExactly<NotSupportedException>(() =>
            _context.Model.Save(model, data.Schema, Path.Combine(folder.Path, "model.zip"))).Message;
        StringAssert.Contains(message, nameof(SpotEstimator));

        float[] Read(EstimateSmplOptions options) =>
            _context.Transforms.EstimateSmpl(options, new SpotEstimator(48)).Fit(data).Transform(data).GetColumn<float[]>("Smpl").First();
    }

    private static IEnumerable<Row> Rows => Enumerable.Range(1, 3).Select(i => new Row
    {
        Image = TestBody.Picture(i, 160, 120),
        Keypoints = TestBody.Keypoints(TestBody.Smpl(i), 120),
        Box = [20 + 5 * i, 90, 10, 110],
    });

    private sealed class Row
    {
        [ImageType(120, 160)]
        public MLImage Image { get; set; } = null!;

        [VectorType(17, 3)]
        public float[] Keypoints { get; set; } = [];

        [VectorType(4)]
        public float[] Box { get; set; } = [];
    }

    private sealed class Person { public float[] Smpl { get; set; } = []; }

    private sealed class PersonWithKeypoints { public float[] Smpl { get; set; } = []; public float[] EstimatedKeypoints { get; set; } =
        []; }
}
