using Lwg.MLNet.Transforms.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Readme;

/// <summary>The example of the README, word for word; <see cref="ReadmeTests"/> checks that they are equal and runs it.</summary>
internal static class ReadmeExample
{
    public static void Run()
    {
        // README
        var mlContext = new MLContext();
        using var photo = MLImage.CreateFromFile("photo.png");
        IDataView person = mlContext.Data.LoadFromEnumerable([new Person { SourcePhoto = photo }]);
        IDataView frames = mlContext.Data.PairWithMotion(person, mlContext.Data.LoadMotion("wave"));

        var pipeline = mlContext.Transforms.FindPerson("Source")         // the square around the person, the body in it
            .Append(mlContext.Transforms.ImitateMotion())     // the person in each pose of the motion
            .Append(mlContext.Transforms.ComposeIntoImage()); // back into the photograph
        mlContext.Model.Save(pipeline.Fit(frames), frames.Schema, "imitate.zip");

        ITransformer model = mlContext.Model.Load("imitate.zip", out _);
        int number = 0;
        foreach (MLImage picture in model.Transform(frames).GetColumn<MLImage>("TargetPhoto"))
            using (picture)
                picture.Save($"wave_{number++:00}.png");
        // end
    }

    private sealed class Person
    {
        [AnySizeImage]
        public required MLImage SourcePhoto { get; set; }
    }
}
