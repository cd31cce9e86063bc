using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Readme;

/// <summary>The example of the README, word for word; <see cref="ReadmeTests"/> holds the two together and runs it.</summary>
internal static class ReadmeExample
{
    public static void Run()
    {
        // README
        var mlContext = new MLContext();
        IDataView person = mlContext.Data.LoadFromEnumerable(
        [
            new Person
            {
                SourcePhoto = ImageCodec.ToImage(ImageCodec.Load("models/people/anna.png")),
                SourcePhotoKeypoints = CocoKeypoints.Load("models/people/keypoints.json").For("anna.png").Values.ToArray(),
            },
        ]);
        IDataView frames = mlContext.Data.PairWithMotion(person, mlContext.Data.LoadMotion("wave"));

        var pipeline = mlContext.Transforms.CropPerson("Source")        // the square around the person
            .Append(mlContext.Transforms.FitSmplToKeypoints("Source"))  // the body in it
            .Append(mlContext.Transforms.ImitateMotion())               // the person in each pose of the motion
            .Append(mlContext.Transforms.ComposeIntoImage());           // back into the photograph
        mlContext.Model.Save(pipeline.Fit(frames), frames.Schema, "imitate.zip");

        ITransformer model = mlContext.Model.Load("imitate.zip", out _);
        int number = 0;
        foreach (MLImage picture in model.Transform(frames).GetColumn<MLImage>("TargetPhoto"))
            picture.Save($"wave_{number++:00}.png");
        // end
    }

    private sealed class Person
    {
        [ImageType(512, 512)]
        public required MLImage SourcePhoto { get; set; }

        [VectorType(17, 3)]
        public required float[] SourcePhotoKeypoints { get; set; }
    }
}
