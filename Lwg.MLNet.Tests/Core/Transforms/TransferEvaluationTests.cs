using Lwg.MLNet.Imaging;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

[TestClass]
public sealed class TransferEvaluationTests
{
    private const int Size = 32;

    [TestMethod]
    public void ATokenEndsItBetweenTwoRows()
    {
        using var stop = new CancellationTokenSource();
        var told = new Told(stop.Cancel);
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            new MLContext().PersonTransfer()
            .Evaluate(Data(Row(100, 151), Row(100, 100)), new TransferEvaluationOptions(), told, stop.Token));
        CollectionAssert.AreEqual(new long[] { 1 }, told.Rows);
    }

    [TestMethod]
    public void EvenPicturesHaveTheDifferenceThatTheyHave()
    {
        // Grey 100 against grey 151: 51 levels are 0.4 in units of [-1,1], and 20 log10(255/51) is 13.98 dB.
        TransferMetrics metrics = new MLContext().PersonTransfer().Evaluate(Data(Row(100, 151), Row(100, 100)));
        Assert.AreEqual(2, metrics.RowCount);
        double[] l1 = metrics.Values(TransferRegion.Picture, TransferMeasure.L1);
        Assert.AreEqual(0.4, l1[0], 1e-6);
        Assert.AreEqual(0, l1[1], 1e-9);
        Assert.AreEqual(13.9794, metrics.Values(TransferRegion.Picture, TransferMeasure.Psnr)[0], 1e-3);
        Assert.AreEqual(1, metrics.Values(TransferRegion.Picture, TransferMeasure.Ssim)[1], 1e-9);
        Assert.IsTrue(double.IsNaN(metrics.Mean(TransferRegion.Person, TransferMeasure.L1)), "no mask was named");
    }

    [TestMethod]
    public void RegionsAreMeasuredWhereTheirMasksAre()
    {
        var target = new PixelBuffer(Size, Size);
        target.Data.Fill(100);
        float[] person = new float[Size * Size];
        for (int y = 10; y < 20; y++)
        {
            person.AsSpan(y * Size + 10, 10).Fill(1);
            target.Row(y).Slice(30, 30).Fill(151);
        }
        var row = new EvaluationRow { ActualImage = Even(100), TargetImage = ImageCodec.ToImage(target), Person = person };
        var options = new TransferEvaluationOptions { PersonMaskColumnName = "Person", UncoveredMaskColumnName = "Uncovered" };
        TransferMetrics metrics = new MLContext().PersonTransfer().Evaluate(Data(row), options);
        Assert.AreEqual(0.4, metrics.Mean(TransferRegion.Person, TransferMeasure.L1), 1e-6);
        Assert.AreEqual(0.4 * 100 / (Size * Size), metrics.Mean(TransferRegion.Picture, TransferMeasure.L1), 1e-6);
        Assert.AreEqual(0, metrics.Count(TransferRegion.UncoveredBackground), "an empty mask is no region");
        TransferMetrics better = new MLContext().PersonTransfer().Evaluate(Data(Row(100, 100, person)), options);
        PairedDifference gain = better.Minus(metrics, TransferRegion.Person, TransferMeasure.L1);
        Assert.AreEqual(-0.4, gain.Mean, 1e-6);
        Assert.IsLessThan(0, gain.High);
    }

    [TestMethod]
    public void WrongColumnsAreNamed()
    {
        TransferCatalog catalog = new MLContext().PersonTransfer();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.Evaluate(Data(Row(1, 1)), "Nobody")).Message,
            "'Nobody'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.Evaluate(Data(Row(1, 1)), "Person")).Message,
            "'Person'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() =>
            catalog.Evaluate(Data(Row(1, 1)), new TransferEvaluationOptions { PersonMaskColumnName = "TargetImage" })).Message,
            "'TargetImage'");
    }

    private static IDataView Data(params EvaluationRow[] rows) => new MLContext().Data.LoadFromEnumerable(rows);

    private static EvaluationRow Row(byte actual, byte predicted, float[]? person = null) =>
        new() { ActualImage = Even(actual), TargetImage = Even(predicted), Person = person ?? new float[Size * Size] };

    private static MLImage Even(byte level)
    {
        var pixels = new PixelBuffer(Size, Size);
        pixels.Data.Fill(level);
        return ImageCodec.ToImage(pixels);
    }

    private sealed class EvaluationRow
    {
        [ImageType(Size, Size)]
        public required MLImage ActualImage { get; init; }

        [ImageType(Size, Size)]
        public required MLImage TargetImage { get; init; }

        [VectorType(1, Size, Size)]
        public required float[] Person { get; init; }

        [VectorType(1, Size, Size)]
        public float[] Uncovered { get; init; } = new float[Size * Size];
    }

    private sealed class Told(Action first) : IProgress<long>
    {
        public List<long> Rows { get; } = [];

        public void Report(long value)
        {
            Rows.Add(value);
            first();
        }
    }
}
