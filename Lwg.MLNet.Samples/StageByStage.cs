using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>The pipeline of the paper, stage by stage. Each stage reads columns and adds columns, and all of them can be
/// inspected.</summary>
public static class StageByStage
{
    /// <summary>Writes columns.txt (the columns that each stage adds) and target.png.</summary>
    public static void Run(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        MLImage photo = ImageCodec.ToImage(ImageCodec.Load(Program.Picture("anna.png")));
        IDataView person = mlContext.Data.LoadFromEnumerable([new Input { SourcePhoto = photo }]);
        IDataView frame = mlContext.Data.TakeRows(mlContext.Data.PairWithMotion(person, mlContext.Data.LoadMotion("dance")), 1);

        (string Name, IEstimator<ITransformer> Stage)[] stages =
        [
            ("FindPerson", mlContext.Transforms.FindPerson("Source")),
            ("RetargetSmpl", mlContext.Transforms.RetargetSmpl()),
            ("PoseBody of the source", mlContext.Transforms.PoseBody("Source")),
            ("PoseBody of the target", mlContext.Transforms.PoseBody("Target")),
            ("RenderBodyMesh of the source", mlContext.Transforms.RenderBodyMesh("Source")),
            ("RenderBodyMesh of the target",
            mlContext.Transforms.RenderBodyMesh(new RenderBodyMeshOptions { OutputPrefix = "Target", WithFrontMap = true })),
            ("ComputeTransformationFlow", mlContext.Transforms.ComputeTransformationFlow()),
            ("AssembleBackgroundInput", mlContext.Transforms.AssembleBackgroundInput()),
            ("AssembleForegroundInput", mlContext.Transforms.AssembleForegroundInput()),
            ("AssembleTransferInput", mlContext.Transforms.AssembleTransferInput()),
            ("GenerateTransfer", mlContext.Transforms.GenerateTransfer(new GenerateTransferOptions { WithLayers = true })),
        ];

        using StreamWriter columns = File.CreateText(Path.Combine(folder, "columns.txt"));
        IDataView data = frame;
        foreach ((string name, IEstimator<ITransformer> stage) in stages)
        {
            HashSet<string> before = [.. data.Schema.Select(column => column.Name)];
            data = stage.Fit(data).Transform(data);
            IEnumerable<string> added = data.Schema
                .Where(column => !before.Contains(column.Name))
                .Select(column => $"{column.Name} {column.Type}");
            columns.WriteLine($"{name}: {string.Join(", ", added)}");
        }

        float[] flow = data.GetColumn<float[]>("T").Single();
        Console.WriteLine($"T is [256, 256, 2]; {flow.Chunk(2).Count(point => point[0] > -2):0} of its cells point into the source "
            + $"picture.");
        using MLImage target = data.GetColumn<MLImage>("TargetImage").Single();
        ImageCodec.SavePng(target, Path.Combine(folder, "target.png"), Provenance.CompositeWithTrainedAlgorithms);
    }

    private sealed class Input
    {
        [AnySizeImage]
        public required MLImage SourcePhoto { get; init; }
    }
}
