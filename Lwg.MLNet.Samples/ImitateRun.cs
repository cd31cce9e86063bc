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
    private const string SheetName = "contact_sheet.png";
    private const string WebPName = "animation.webp";
    private const string GifName = "animation.gif";
    private const string VideoName = "animation.mp4";
    private const int AnimationWidth = 512;
    private const int TileSize = 256;
    private const int SheetRows = 8;

    /// <summary>The files beside the frames.</summary>
    public static IReadOnlyList<string> ResultNames { get; } = [SheetName, WebPName, GifName, VideoName];

    /// <summary>Runs.</summary>
    /// <param name="cancellationToken">Stops it between two frames.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mlContext = new MLContext(seed: 1);
        MarkedPhoto source = settings.Source is null ? SamplePeople.Load(settings.Person) : MarkedPhoto.Load(settings.Source, settings.Keypoints);
        MotionClip? clip = settings.Reference is null ? MotionClip.Load(settings.Motion) : null;
        MarkedPhoto? reference = settings.Reference is null ? null : MarkedPhoto.Load(settings.Reference, settings.ReferenceKeypoints);
        using ModelChoice models = ModelChoice.Load(settings);
        if (settings.Model is null && models.Remark is not null)
            output.WriteLine(models.Remark);
        int size = settings.Size ?? models.PreferredSize;

        using var folder = new ResultFolder(settings.Out);
        IDataView motion = clip is not null ? mlContext.Data.LoadMotion(clip) : Imitation.PoseOf(mlContext, reference!, size, models);
        IDataView rows = Imitation.Rows(mlContext, source, motion);
        ITransformer model = GetModel(mlContext, rows, models, size, source.Keypoints is not null);

        (int frameCount, float framesPerSecond) = clip is null ? (1, 1) : (clip.FrameCount, clip.FramesPerSecond);
        using var animation = new Animation(frameCount, framesPerSecond, AnimationWidth);
        var watch = Stopwatch.StartNew();
        (ContactSheet sheet, float[] overlaps, float? fitError) = MakeFrames(model, rows, frameCount, folder, animation, cancellationToken);
        double rate = frameCount / watch.Elapsed.TotalSeconds;

        ImageCodec.SavePng(sheet.ToPixels(), Path.Combine(folder.Work, SheetName));
        var made = new List<string> { SheetName };
        if (frameCount > 1)
            made.AddRange(await AnimateAsync(animation, framesPerSecond, folder, cancellationToken));
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
            ITransformer fitted = Imitation.Pipeline(mlContext, size, models, marked).Fit(rows);
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
                ImageCodec.SavePng(picture, folder.FramePath(number));
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

    private async Task<List<string>> AnimateAsync(Animation animation, float framesPerSecond, ResultFolder folder, CancellationToken cancellationToken)
    {
        List<string> made = settings.Gif ? [WebPName, GifName] : [WebPName];
        foreach (string name in made)
        {
            cancellationToken.ThrowIfCancellationRequested();
            animation.Save(Path.Combine(folder.Work, name));
        }
        if (await VideoWriter.TrySaveAsync(folder.FrameSequence, framesPerSecond, Path.Combine(folder.Work, VideoName), cancellationToken))
            made.Add(VideoName);
        else
            output.WriteLine("No MP4 is made, because there is no ffmpeg on the path.");
        return made;
    }

    private static PixelBuffer Tile(PixelBuffer square)
    {
        float scale = (float)square.Width / TileSize;
        return SquareCrop.Crop(square, CropTransform.Identity with { A = scale, E = scale }, TileSize);
    }
}
