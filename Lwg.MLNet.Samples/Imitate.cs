using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>Motion imitation: the person in a photograph follows a motion.</summary>
public static class Imitate
{
    /// <summary>Writes wave_00.png to wave_11.png.</summary>
    public static void Run(string folder)
    {
        var mlContext = new MLContext(seed: 1);

        // One row: the photograph. ImageCodec.Load applies the orientation that phones store in photographs.
        MLImage photo = ImageCodec.ToImage(ImageCodec.Load(Program.Picture("anna.png")));
        IDataView person = mlContext.Data.LoadFromEnumerable([new Input { SourcePhoto = photo }]);

        // One row per frame of a motion. A motion is a built-in name or a file in a format such as AMASS, 4D-Humans or BVH.
        IDataView motion = mlContext.Data.TakeRows(mlContext.Data.LoadMotion("wave"), 12);
        IDataView frames = mlContext.Data.PairWithMotion(person, motion);

        var pipeline = mlContext.Transforms.FindPerson("Source")
            .Append(mlContext.Transforms.ImitateMotion())
            .Append(mlContext.Transforms.ComposeIntoImage());

        int number = 0;
        foreach (MLImage picture in pipeline.Fit(frames).Transform(frames).GetColumn<MLImage>("TargetPhoto"))
        {
            // The caller owns the images of a column. The provenance marks the picture as synthetic.
            using (picture)
                ImageCodec.SavePng(picture, Path.Combine(folder, $"wave_{number++:00}.png"), Provenance.CompositeWithTrainedAlgorithms);
        }
    }

    private sealed class Input
    {
        [AnySizeImage]
        public required MLImage SourcePhoto { get; init; }
    }
}
