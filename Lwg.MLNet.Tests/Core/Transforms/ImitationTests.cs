using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests the one-line method, and methods without a generator: both use our own network.</summary>
[TestClass]
public sealed class ImitationTests
{
    private const int Size = 128;

    private static string Anna => Path.Combine(AppContext.BaseDirectory, "People", "Frozen", "anna.png");

    [TestMethod]
    public async Task FramesAreReturnedOneByOneAndEqualThoseOfThePipeline()
    {
        var progress = new Shares();
        Imitation imitation = PersonTransfer.Imitate(Anna, "wave", Size, progress);
        Assert.AreEqual(MotionClip.Load("wave").FrameCount, imitation.FrameCount);
        var frames = new List<byte[]>();
        await foreach (MLImage frame in imitation)
        {
            using (frame)
                frames.Add(frame.Pixels.ToArray());
            if (frames.Count == 2)
                break;
        }
        CollectionAssert.AreEqual(new[] { 1.0 / imitation.FrameCount, 2.0 / imitation.FrameCount }, progress.Told);
        MLImage[] same = [.. imitation.Pipeline.Fit(imitation.Rows).Transform(imitation.Rows).GetColumn<MLImage>("TargetPhoto").Take(2)];
        CollectionAssert.AreEqual(same[0].Pixels.ToArray(), frames[0]);
        CollectionAssert.AreEqual(same[1].Pixels.ToArray(), frames[1]);
        CollectionAssert.AreNotEqual(frames[0], frames[1]);
        // Frames have the size of the photograph.
        Assert.AreEqual(imitation.Rows.GetColumn<MLImage>("SourcePhoto").First().Pixels.Length, frames[0].Length);
    }

    [TestMethod]
    public async Task ATokenEndsTheWork()
    {
        using var stop = new CancellationTokenSource();
        int seen = 0;
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (MLImage frame in PersonTransfer.Imitate(Anna, "wave", Size).WithCancellation(stop.Token))
            {
                frame.Dispose();
                seen++;
                await stop.CancelAsync();
            }
        });
        Assert.IsLessThanOrEqualTo(3, seen);
    }

    [TestMethod]
    public async Task ErrorsAreReported()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => PersonTransfer.Imitate(Anna, "waive")).Message, "waive");
        string message = (await Assert.ThrowsExactlyAsync<ImageInputException>(async () =>
        {
            await foreach (MLImage frame in PersonTransfer.Imitate("nowhere.jpg", "wave"))
                frame.Dispose();
        })).Message;
        StringAssert.Contains(message, "nowhere.jpg");
        StringAssert.Contains(message, "'SourcePhoto'");
    }

    [TestMethod]
    public void TheLogHasALineForEachStage()
    {
        var mlContext = new MLContext(seed: 1);
        var log = new List<string>();
        mlContext.Log += (_, e) => log.Add(e.Message);
        Imitation imitation = PersonTransfer.Imitate(Anna, "wave", Size, mlContext: mlContext);
        imitation.Pipeline.Fit(imitation.Rows);
        foreach (string part in (string[])["Stage 'EstimateSmpl' of 'FindPerson' reads SourcePhoto",
            "Stage 'GenerateTransfer' of 'ImitateMotion'", "by the model"])
            Assert.Contains(m => m.Contains(part, StringComparison.Ordinal), log, string.Join("\n", log));
    }

    [TestMethod]
    public void MethodsWithoutAGeneratorTakeTheNetwork()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView rows = PersonTransfer.Imitate(Anna, "wave", Size, mlContext: mlContext).Rows;
        IDataView found = mlContext.Transforms.FindPerson("Source", Size).Fit(rows).Transform(rows);
        ITransformer[] stages = [.. ((TransformerChain<ITransformer>)mlContext.Transforms.ImitateMotion(
            new ImitateMotionOptions { ImageSize = Size }).Fit(found))];
        Assert.IsInstanceOfType<SharpGenerator>(Flat(stages).OfType<GenerateTransferTransformer>().Single().Generator);

        static IEnumerable<ITransformer> Flat(IEnumerable<ITransformer> stages) =>
            stages.SelectMany(s => s is IEnumerable<ITransformer> chain ? Flat(chain) : [s]);
    }

    private sealed class Shares : IProgress<double>
    {
        public List<double> Told { get; } = [];

        public void Report(double value) => Told.Add(value);
    }
}
