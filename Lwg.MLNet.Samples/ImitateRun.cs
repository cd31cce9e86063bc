using System.Diagnostics;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>One run of the program: data in, model, frames out.</summary>
internal sealed class ImitateRun(ImitateSettings settings, TextWriter output)
{
    private const int TileSize = 256;
    private const int SheetRows = 8;

    /// <summary>Runs.</summary>
    /// <param name="cancellationToken">Stops it between two frames.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mlContext = new MLContext(seed: 1);
        MarkedPhoto source = settings.LoadSource();
        MotionClip[] clips = settings.Reference is null ? [.. settings.Motions.Select(MotionClip.Load)] : [];
        MarkedPhoto? reference = settings.Reference is null ? null : MarkedPhoto.Load(settings.Reference, settings.ReferenceKeypoints);
        using ModelChoice models = ModelChoice.Load(settings);
        int size = settings.Size ?? models.PreferredSize;

        using var folder = new ResultFolder(settings.Out);
        IDataView motion = clips.Length > 0 ? Imitation.MotionsOf(mlContext, clips) : Imitation.PoseOf(mlContext, reference!, size, models);
        IDataView rows = Imitation.Rows(mlContext, source, motion);
        ITransformer model = GetModel(mlContext, rows, models, size, source.Keypoints is not null);

        (int frameCount, float framesPerSecond) = clips.Length == 0 ? (1, 1) : (clips.Sum(c => c.FrameCount), clips[0].FramesPerSecond);
        using var animation = new Animation(frameCount, framesPerSecond, Animations.Width);
        var watch = Stopwatch.StartNew();
        (ContactSheet sheet, float[] overlaps, float? fitError) = MakeFrames(model, rows, frameCount, folder, animation, cancellationToken);
        double rate = frameCount / watch.Elapsed.TotalSeconds;

        ImageCodec.SavePng(sheet.ToPixels(), Path.Combine(folder.Work, Animations.SheetName), settings.Provenance);
        var made = new List<string> { Animations.SheetName };
        if (frameCount > 1)
            made.AddRange(await Animations.SaveAsync(animation, framesPerSecond, folder, settings.Gif, settings.Provenance, output, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        folder.Publish();

        output.WriteLine($"{frameCount} frames in {folder.Frames}, {rate:0.0} a second");
        foreach (string name in made)
            output.WriteLine(Path.Combine(folder.FullPath, name));
        if (fitError is not null)
            output.WriteLine($"Body fitted to the key points: {fitError:P1} of the person's height off on average");
        output.WriteLine($"Silhouettes against the drawn body: intersection over union {overlaps.Average():0.000} on average, {overlaps.Min():0.000} at least");
    }

    private ITransformer GetModel(MLContext mlContext, IDataView rows, ModelChoice models, int size, bool marked)
    {
        if (settings.Model is null)
        {
            ITransformer fitted = Imitation.Pipeline(mlContext, size, models, marked, settings.Camera).Fit(rows);
            if (settings.Save is not null)
                Imitation.Save(mlContext, fitted, rows.Schema, settings.Save);
            return fitted;
        }
        ITransformer loaded = Imitation.Load(mlContext, settings.Model);
        try
        {
            DataViewSchema schema = loaded.GetOutputSchema(rows.Schema);
            if (FrameReader.Columns.FirstOrDefault(name => schema.GetColumnOrNull(name) is null) is { } missing)
                throw new ModelFileException(settings.Model, null, $"it is an ML.NET model, but it makes no column '{missing}'; --save makes models that do.");
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new ModelFileException(settings.Model, null, $"it is an ML.NET model, but not for photographs and motions: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        return loaded;
    }

    /// <summary>Makes and writes all frames; some of them go into the contact sheet.</summary>
    private (ContactSheet Sheet, float[] Overlaps, float? FitError) MakeFrames(
        ITransformer model, IDataView rows, int frameCount, ResultFolder folder, Animation animation, CancellationToken cancellationToken)
    {
        var sheet = new ContactSheet(columns: 5, TileSize, TileSize);
        var shading = new BodyShading(2 * TileSize);
        int sheetRows = Math.Min(SheetRows, frameCount);
        HashSet<int> shown = [.. Enumerable.Range(0, sheetRows).Select(row => row * frameCount / sheetRows)];
        float[] overlaps = new float[frameCount];
        float? fitError = null;
        FrameProgress.Run(output, frameCount, report =>
        {
            using var frame = new FrameReader(model.Transform(rows));
            int number = 0;
            cancellationToken.ThrowIfCancellationRequested();
            while (frame.MoveNext())
            {
                using MLImage photo = frame.TargetPhoto;
                PixelBuffer picture = ImageCodec.ToPixels(photo);
                ImageCodec.SavePng(picture, folder.FramePath(number), settings.Provenance);
                animation.Add(number, picture);
                overlaps[number] = Silhouette.IntersectionOverUnion(frame.TargetMask, frame.TargetFaceIndex);
                fitError = frame.SourceFitError;
                if (shown.Contains(number))
                {
                    using MLImage source = frame.SourceImage, result = frame.TargetImage;
                    sheet.Add(Tile(ImageCodec.ToPixels(source)));
                    sheet.Add(Tile(shading.Draw(frame.ReferenceSmpl)));
                    sheet.Add(Tile(PixelBuffer.FromTensor(frame.TargetCondition, source.Width, source.Height)));
                    sheet.Add(Tile(PixelBuffer.FromTensor(frame.TargetWarped, source.Width, source.Height)));
                    sheet.Add(Tile(ImageCodec.ToPixels(result)));
                }
                report(++number);
                cancellationToken.ThrowIfCancellationRequested();
            }
        });
        return (sheet, overlaps, fitError);
    }

    private static PixelBuffer Tile(PixelBuffer square)
    {
        float scale = (float)square.Width / TileSize;
        return SquareCrop.Crop(square, CropTransform.Identity with { A = scale, E = scale }, TileSize);
    }
}
