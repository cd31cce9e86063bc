using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>Appearance transfer: one person in the clothes of another.</summary>
public static class Swap
{
    /// <summary>Writes swap.png: Anna in Ben's upper clothes.</summary>
    public static void Run(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView couple = mlContext.Data.LoadFromEnumerable([new Couple
        {
            SourcePhoto = ImageCodec.ToImage(ImageCodec.Load(Program.Picture("anna.png"))),
            ReferencePhoto = ImageCodec.ToImage(ImageCodec.Load(Program.Picture("ben.png"))),
        }]);

        var pipeline = mlContext.Transforms.FindPerson("Source")
            .Append(mlContext.Transforms.FindPerson("Reference"))
            .Append(mlContext.Transforms.TransferAppearance(new TransferAppearanceOptions { Parts = ["upper"] }))
            .Append(mlContext.Transforms.ComposeIntoImage());

        using MLImage result = pipeline.Fit(couple).Transform(couple).GetColumn<MLImage>("TargetPhoto").Single();
        ImageCodec.SavePng(result, Path.Combine(folder, "swap.png"), Provenance.CompositeWithTrainedAlgorithms);
    }

    private sealed class Couple
    {
        [AnySizeImage]
        public required MLImage SourcePhoto { get; init; }

        [AnySizeImage]
        public required MLImage ReferencePhoto { get; init; }
    }
}
