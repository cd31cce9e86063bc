using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>New views: a photograph in, a turntable out.</summary>
internal sealed class ViewRun(ViewSettings settings, TextWriter output)
{
    private const float FramesPerSecond = 12;
    private const int SheetViews = 8;

    /// <summary>Builds the pipeline from a photograph and view angles to the person seen from there.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="size">S, the side of the person's square.</param>
    /// <param name="models">Generator, body, and optionally an estimator.</param>
    /// <param name="marked">Whether there are key points of the person; otherwise the estimator finds the person.</param>
    /// <param name="pose">The pose of the person in the views.</param>
    /// <param name="backdrop">The background.</param>
    public static IEstimator<ITransformer> Pipeline(MLContext mlContext, int size, ModelChoice models, bool marked, ViewPose pose,
        Backdrop backdrop)
    {
        // SourcePhoto gives SourceImage, the square around the person, and SourceSmpl, the SMPL parameters of the body in it. With
        // ViewAngles they give TargetImage.
        IEstimator<ITransformer> square = Imitation.Person(mlContext, "Source", size, models, marked)
            .Append(mlContext.Transforms.SynthesizeView(
            models.Generator, new SynthesizeViewOptions
            {
                ImageSize = size,
                PersonMaskColumnName = models.MaskColumn("Source", marked),
                Pose = pose,
                AsPublished = models.AsPublished,
                FrontWarp = models.FrontWarp,
                Background = TransferBackground.Generated,
                BackgroundColor = backdrop.Color,
                BackgroundImageColumnName = backdrop.ColumnName,
            }, models.Body));
        // If the background is kept, the person is put back into the photograph: TargetPhoto.
        return backdrop.IsKept ? square.Append(mlContext.Transforms.ComposeIntoImage(imageSize: size)) : square;
    }

    /// <summary>Makes the views and writes the results.</summary>
    /// <param name="cancellationToken">Stops the run between two views.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mlContext = new MLContext(seed: 1);
        Stills.TellLeftOut(output, settings.Source, settings.Background);
        MarkedPhoto source = settings.LoadSource();
        Backdrop backdrop = Backdrop.Parse(settings.Background);
        using ModelChoice models = ModelChoice.Load(settings, output);
        int size = settings.Size ?? models.PreferredSize;

        using var folder = new ResultFolder(settings.Out);
        IDataView rows = mlContext.Data.PairWithViews(Imitation.Source(mlContext, new SourceRow(source), backdrop, size),
            mlContext.Data.LoadTurntable(settings.Views, settings.Tilt));
        IDataView views = Pipeline(mlContext, size, models, source.Keypoints is not null, settings.Pose, backdrop).Fit(rows)
            .Transform(rows);

        PixelBuffer sheet = MakeFrames(views, backdrop.ResultColumnName, folder, cancellationToken);
        ImageCodec.SavePng(sheet, Path.Combine(folder.Work, Animations.SheetName), settings.Provenance);
        var made = new List<string> { Animations.SheetName };
        if (settings.Views > 1)
            made.AddRange(await Animations.SaveAsync(settings.Views, FrameRate.Of(FramesPerSecond), folder, settings.Gif,
                settings.Provenance, output, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        folder.Publish();
        output.WriteLine($"{settings.Views} frames in {folder.Frames}");
        foreach (string name in made)
            output.WriteLine(Path.Combine(folder.FullPath, name));
    }

    /// <summary>Makes and writes all frames; some of them are added to the sheet.</summary>
    private PixelBuffer MakeFrames(IDataView views, string column, ResultFolder folder, CancellationToken cancellationToken)
    {
        int shown = Math.Min(SheetViews, settings.Views);
        HashSet<int> onSheet = [.. Enumerable.Range(0, shown).Select(k => k * settings.Views / shown)];
        ContactSheet? sheet = null;
        FrameProgress.Run(output, settings.Views, "Frame", report =>
        {
            int number = 0;
            foreach (MLImage image in views.GetColumn<MLImage>(column))
            {
                using (image)
                {
                    PixelBuffer picture = ImageCodec.ToPixels(image);
                    ImageCodec.SavePng(picture, folder.FramePath(number), settings.Provenance);
                    if (onSheet.Contains(number))
                        (sheet ??= new ContactSheet(columns: 4, picture.Width, picture.Height)).Add(picture);
                }
                report(++number);
                cancellationToken.ThrowIfCancellationRequested();
            }
        });
        return sheet!.ToPixels();
    }
}
