using Lwg.MLNet.Metrics;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>The quality of a generator: metrics of its pictures against the ground truth. Here the ground truth is the photograph itself,
/// in the view it was taken from.</summary>
public static class Evaluate
{
    /// <summary>Writes metrics.txt.</summary>
    public static void Run(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView people = mlContext.Data.LoadFromEnumerable(((string[])["anna.png", "ben.png"])
            .Select(name => new Input { SourcePhoto = ImageCodec.ToImage(ImageCodec.Load(Program.Picture(name))) }));
        IDataView views = mlContext.Data.PairWithViews(people, mlContext.Data.LoadTurntable(count: 1));

        var pipeline = mlContext.Transforms.FindPerson("Source").Append(mlContext.Transforms.SynthesizeView());
        TransferMetrics metrics = mlContext.PersonTransfer().Evaluate(pipeline.Fit(views).Transform(views), "SourceImage", "TargetImage");

        string text = $"""
            SSIM {metrics.Mean(TransferRegion.Picture, TransferMeasure.Ssim):0.0000}
            PSNR {metrics.Mean(TransferRegion.Picture, TransferMeasure.Psnr):0.00}
            L1 {metrics.Mean(TransferRegion.Picture, TransferMeasure.L1):0.0000}

            """;
        File.WriteAllText(Path.Combine(folder, "metrics.txt"), text);
        Console.Write(text);
    }

    private sealed class Input
    {
        [AnySizeImage]
        public required MLImage SourcePhoto { get; init; }
    }
}
