using System.Globalization;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Training.Cli;

/// <summary>Learns a person from photographs with a generator that is tuned on them, and saves an ML.NET model that runs without
/// libtorch.</summary>
internal sealed class TuneRun(IReadOnlyList<string> photos, string? keypoints, LiquidWarpingGenerator generator,
    SubjectTuningOptions options, string save, TextWriter output)
{
    private const int ReportEvery = 20;

    public void Run(CancellationToken cancellationToken)
    {
        Stills.TellLeftOut(output, photos);
        var mlContext = new MLContext(seed: 1);
        IDataView rows = mlContext.Data.LoadFromEnumerable([.. photos.Select(photo => new PhotoRow(photo, keypoints))]);
        IDataView views = Person(mlContext).Fit(rows).Transform(rows);
        SubjectTuningOptions reported = options with { Progress = Report, Report = output.WriteLine, Finished = result =>
            output.WriteLine(result) };
        ITransformer person = mlContext.Transforms.ImpersonateSubject(
            generator, new ImpersonateSubjectOptions { Tuner = new SubjectTuner(reported), CancellationToken = cancellationToken })
            .Fit(views);
        AtomicFile.Write(save, stream => mlContext.Model.Save(person, views.Schema, stream));
        output.WriteLine(save);
    }

    // Computes the square around the person, Image, and its body, Smpl.
    private IEstimator<ITransformer> Person(MLContext mlContext)
    {
        int size = generator.Package.Manifest.ImageSize;
        return keypoints is null
            ? mlContext.Transforms.FindPerson(PersonEstimators.Best(), "", size)
            : mlContext.Transforms.CropPerson("", size).Append(mlContext.Transforms.FitSmplToKeypoints("", drawToSilhouette: true));
    }

    private void Report(TrainingProgress progress)
    {
        if (progress.Losses.Samples % ReportEvery == 0)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{progress.Losses.Samples,5} of {progress.SampleCount}  target {progress.Losses.Target:0.0000}  structure "
                + $"{progress.Losses.Structure:0.0000}"));
    }

    private sealed class PhotoRow
    {
        public PhotoRow(string photo, string? keypoints)
        {
            PixelBuffer picture = ImageCodec.Load(photo);
            KeypointSet? marked = keypoints is null ? null : CocoKeypoints.Load(keypoints).For(photo, picture.Width, picture.Height);
            (Photo, PhotoKeypoints) = (ImageCodec.ToImage(picture), marked?.Values.ToArray() ?? new float[KeypointSet.Length]);
        }

        [AnySizeImage]
        public MLImage Photo { get; }

        [VectorType(17, 3)]
        public float[] PhotoKeypoints { get; }
    }
}
