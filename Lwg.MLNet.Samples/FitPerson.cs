using System.Globalization;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>The body in a photograph, estimated in two ways: from 17 known key points, and by the estimator, which needs no key
/// points.</summary>
public static class FitPerson
{
    /// <summary>Writes smpl.txt: camera, pose and shape from both ways.</summary>
    public static void Run(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        PixelBuffer photo = ImageCodec.Load(Program.Picture("anna.png"));
        KeypointSet keypoints = CocoKeypoints.Load(Program.Picture("keypoints.json")).For("anna.png", photo.Width, photo.Height);
        IDataView person = mlContext.Data.LoadFromEnumerable(
            [new Input { SourcePhoto = ImageCodec.ToImage(photo), SourcePhotoKeypoints = keypoints.Values.ToArray() }]);

        var fromKeypoints = mlContext.Transforms.CropPerson("Source").Append(mlContext.Transforms.FitSmplToKeypoints("Source"));
        IDataView fitted = fromKeypoints.Fit(person).Transform(person);
        Console.WriteLine($"Mean distance of the body's key points: {fitted.GetColumn<float>("SourceFitError").Single():0.000} of 2 "
            + $"picture widths");

        var byEstimator = mlContext.Transforms.FindPerson("Source");
        IDataView found = byEstimator.Fit(person).Transform(person);
        Console.WriteLine($"The estimator's confidence: {found.GetColumn<float>("SourceConfidence").Single():0.00}");

        // 85 SMPL parameters: 3 for the camera (scale, x, y), 72 for the pose (24 axis-angle rotations), 10 for the shape.
        File.WriteAllLines(Path.Combine(folder, "smpl.txt"),
            new[] { fitted, found }.Select(data => Numbers(data.GetColumn<float[]>("SourceSmpl").Single())));
    }

    private static string Numbers(float[] smpl) =>
        string.Join(' ', smpl.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private sealed class Input
    {
        [AnySizeImage]
        public required MLImage SourcePhoto { get; init; }

        [VectorType(17, 3)]
        public required float[] SourcePhotoKeypoints { get; init; }
    }
}
