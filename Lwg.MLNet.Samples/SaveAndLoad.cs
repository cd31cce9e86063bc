using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>A fitted pipeline in one file. The file contains the body and the networks; the program that loads it registers
/// nothing.</summary>
public static class SaveAndLoad
{
    /// <summary>Writes imitate.zip, and loaded.png, which the loaded model creates.</summary>
    public static void Run(string folder)
    {
        string file = Path.Combine(folder, "imitate.zip");
        Save(file);

        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(file, out DataViewSchema expected);
        Console.WriteLine($"The model reads {string.Join(", ", expected.Select(column => column.Name))}.");

        IDataView frame = Frames(mlContext, Program.Picture("ben.png"), "dance");
        using MLImage picture = model.Transform(frame).GetColumn<MLImage>("TargetPhoto").Single();
        ImageCodec.SavePng(picture, Path.Combine(folder, "loaded.png"), Provenance.CompositeWithTrainedAlgorithms);
    }

    private static void Save(string file)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView frame = Frames(mlContext, Program.Picture("anna.png"), "wave");
        var pipeline = mlContext.Transforms.FindPerson("Source")
            .Append(mlContext.Transforms.ImitateMotion())
            .Append(mlContext.Transforms.ComposeIntoImage());
        mlContext.Model.Save(pipeline.Fit(frame), frame.Schema, file);
    }

    private static IDataView Frames(MLContext mlContext, string picture, string motion)
    {
        IDataView person = mlContext.Data.LoadFromEnumerable([new Input { SourcePhoto = ImageCodec.ToImage(ImageCodec.Load(picture)) }]);
        return mlContext.Data.TakeRows(mlContext.Data.PairWithMotion(person, mlContext.Data.LoadMotion(motion)), 1);
    }

    private sealed class Input
    {
        [AnySizeImage]
        public required MLImage SourcePhoto { get; init; }
    }
}
