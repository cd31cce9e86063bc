using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>Novel views: the person of a photograph from other sides, in front of a plain background.</summary>
public static class View
{
    /// <summary>Writes view_0.png to view_5.png, 60 degrees apart.</summary>
    public static void Run(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        MLImage photo = ImageCodec.ToImage(ImageCodec.Load(Program.Picture("anna.png")));
        IDataView person = mlContext.Data.LoadFromEnumerable([new Input { SourcePhoto = photo }]);
        IDataView turn = mlContext.Data.PairWithViews(person, mlContext.Data.LoadTurntable(count: 6));

        var options = new SynthesizeViewOptions { Pose = ViewPose.TPose, BackgroundColor = new Rgb(32, 48, 64) };
        var pipeline = mlContext.Transforms.FindPerson("Source")
            .Append(mlContext.Transforms.SynthesizeView(options));

        int number = 0;
        foreach (MLImage picture in pipeline.Fit(turn).Transform(turn).GetColumn<MLImage>("TargetImage"))
        {
            using (picture)
                ImageCodec.SavePng(picture, Path.Combine(folder, $"view_{number++}.png"), Provenance.CompositeWithTrainedAlgorithms);
        }
    }

    private sealed class Input
    {
        [AnySizeImage]
        public required MLImage SourcePhoto { get; init; }
    }
}
