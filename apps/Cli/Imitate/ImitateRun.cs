using System.Diagnostics;
using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>One run of the program: data in, model, frames out.</summary>
internal sealed class ImitateRun(ImitateSettings settings, TextWriter output)
{
    // Fewer frames are finished before a second thread has found the person.
    private const int FewestInParallel = 8;

    private readonly MLContext _mlContext = new MLContext(seed: 1).Use(settings.Device, output);

    /// <summary>Makes the frames and writes the results.</summary>
    /// <param name="cancellationToken">Stops the run between two frames.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Stills.TellLeftOut(output, settings.Source, settings.Background);
        MarkedPhoto source = settings.LoadSource();
        Backdrop backdrop = Backdrop.Parse(settings.Background);
        Film? film = OpenFilm();
        MotionClip[] clips = settings.Reference is null ? [.. settings.Motions.Select(LoadMotion)] : [];
        MarkedPhoto? reference = settings.Reference is null || film is not null ? null
            : MarkedPhoto.Load(settings.Reference, settings.ReferenceKeypoints);
        // A model that is saved or loaded keeps its own thread settings.
        bool parallel = (film is not null || clips.Length > 0) && (settings.Frames ?? FewestInParallel) >= FewestInParallel
            && settings.Save is null && settings.Model is null;
        using ModelChoice models = ModelChoice.Load(settings, output, parallel);
        int size = settings.Size ?? models.PreferredSize;

        using var folder = new ResultFolder(settings.Out, goesOn: true, settings.Restart);
        try
        {
            ImitatedMotion motion = film is not null ? OfFilm(film, models, size, folder, cancellationToken) : reference is not null
                ? OfPhoto(reference, models, size) : OfClips(clips);
            await MakeAsync(source, backdrop, motion, models, parallel, size, folder, cancellationToken);
        }
        catch (OperationCanceledException) when (folder.Keeps)
        {
            output.WriteLine($"Finished frames stay in {folder.Work}; the same command resumes the run.");
            throw;
        }
    }

    private async Task MakeAsync(MarkedPhoto source, Backdrop backdrop, ImitatedMotion motion, ModelChoice models, bool parallel, int size,
        ResultFolder folder, CancellationToken cancellationToken)
    {
        using var journal = new FrameJournal(folder, Inputs(source, backdrop, motion, models, size), motion.Rows.Count);
        if (journal.KeptCount > 0)
            output.WriteLine($"{journal.KeptCount} frames of an earlier run are kept.");
        var sheet = new ImitationSheet(motion.Rows.Count);
        // Frames for the sheet are always made, because the folder contains only results, not the intermediate pictures.
        int[] numbers = [.. Enumerable.Range(0, motion.Rows.Count).Where(number => !journal.IsKept(number) || sheet.Shows(number))];
        SourceRow row = new(source) { ReferenceSize = [motion.PictureSize.Width, motion.PictureSize.Height] };
        if (settings.Place is { } place)
            row.SourceRoomBox = Retargeting.RoomOf(models.Body, motion.Rows.Select(r => r.ReferenceSmpl), motion.PictureSize,
                (source.Picture.Width, source.Picture.Height), place);
        IDataView rows = Imitation.Rows(_mlContext, row, backdrop, size,
            _mlContext.Data.LoadFromEnumerable(numbers.Select(number => motion.Rows[number]).ToArray()));
        ITransformer model = GetModel(rows, models, size, source.Keypoints is not null, backdrop);

        var memory = new MemoryWatch();
        var watch = Stopwatch.StartNew();
        IDataView made = parallel ? _mlContext.Data.TransformInParallel(model, rows) : model.Transform(rows);
        var cutOff = new CutOff(source.Picture.Width, source.Picture.Height,
            isSquare: backdrop.ResultColumnName != Backdrop.Kept.ResultColumnName);
        float? fitError = MakeFrames(made, backdrop.ResultColumnName, numbers, motion, journal, sheet, cutOff, memory, cancellationToken);
        double rate = numbers.Length / watch.Elapsed.TotalSeconds;

        ImageCodec.SavePng(sheet.ToPixels(), Path.Combine(folder.Work, Animations.SheetName), settings.Provenance);
        var files = new List<string> { Animations.SheetName };
        if (motion.Rows.Count > 1)
            files.AddRange(await Animations.SaveAsync(motion.Rows.Count, motion.Rate, folder, settings.Gif, settings.Provenance, output,
                cancellationToken, motion.Sound));
        cancellationToken.ThrowIfCancellationRequested();
        folder.Publish();

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{motion.Rows.Count} frames in {folder.Frames}, {rate:0.0} a second"));
        foreach (string name in files)
            output.WriteLine(Path.Combine(folder.FullPath, name));
        if (fitError is not null)
            output.WriteLine($"Body fitted to the key points: {fitError:P1} of the person's height off on average");
        output.WriteLine($"Silhouettes against the drawn body: intersection over union {journal.Overlaps.Average():0.000} on average, "
            + $"{journal.Overlaps.Min():0.000} at least");
        if (cutOff.Explain() is { } cut)
            output.WriteLine(cut);
        if (memory.Explain() is { } held)
            output.WriteLine(held);
    }

    private MotionClip LoadMotion(string nameOrFile)
    {
        MotionClip clip = MotionClip.Load(nameOrFile, settings.MotionFiles);
        if (clip.Format is not null)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{nameOrFile}: {clip.Format}, {clip.FrameCount} frames, {clip.FramesPerSecond:0.###} a second"));
        return settings.FaceCamera ? clip.FacingCamera() : clip;
    }

    /// <summary>Opens the reference if it is a film; otherwise null.</summary>
    private Film? OpenFilm()
    {
        if (settings.Reference is null)
            return null;
        Film? film = Film.Open(settings.Reference, settings.Film.Rate, output);
        if (film is not null && settings.ReferenceKeypoints is not null)
            throw new LwgException($"--reference-keypoints are those of a photograph, but '{settings.Reference}' is a film.");
        return film;
    }

    private ImitatedMotion OfFilm(Film film, ModelChoice models, int size, ResultFolder folder, CancellationToken cancellationToken)
    {
        var motion = new FilmMotion(film, models, size, settings.Film, output);
        var inputs = new Dictionary<string, string>(motion.Inputs)
        {
            ["--fps"] = film.Rate.ToString(),
            ["--smooth"] = settings.Film.Smooth.ToString(CultureInfo.InvariantCulture),
            ["--fill-gaps"] = settings.Film.FillGaps.ToString(CultureInfo.InvariantCulture),
        };
        return new ImitatedMotion(motion.Read(_mlContext, folder, cancellationToken), film.Rate, inputs,
            film.Frames()) { Sound = SoundOf(film), PictureSize = SizeOf(film.Frames().First()) };
    }

    /// <summary>Returns the film's file if its sound is to be copied; otherwise null.</summary>
    private string? SoundOf(Film film)
    {
        if (!settings.Sound)
            return null;
        if (film is VideoFile video && video.HasSound())
            return film.Path;
        output.WriteLine($"'{film.Path}' has no sound to copy.");
        return null;
    }

    private ImitatedMotion OfPhoto(MarkedPhoto reference, ModelChoice models, int size)
    {
        var inputs = new Dictionary<string,
            string> { ["--reference"] = ContentHash.Of(reference.Picture),
            ["--reference-keypoints"] = ContentHash.Of(reference.Keypoints) };
        return new ImitatedMotion([Imitation.PoseOf(_mlContext, reference, size, models)], new FrameRate(1, 1), inputs,
            [reference.Picture]) { PictureSize = SizeOf(reference.Picture) };
    }

    private static (int, int) SizeOf(PixelBuffer picture) => (picture.Width, picture.Height);

    private ImitatedMotion OfClips(MotionClip[] clips)
    {
        FrameRate rate = settings.Rate ?? FrameRate.Of(clips[0].FramesPerSecond);
        MotionRow[] rows = [.. _mlContext.Data.CreateEnumerable<MotionRow>(_mlContext.Data.LoadMotions([.. clips.Select(Resampled)]),
            reuseRowObject: false)];
        var inputs = new Dictionary<string,
            string> { ["--motion"] = ContentHash.Of(rows),
            ["--frames"] = (settings.Frames ?? rows.Length).ToString(CultureInfo.InvariantCulture) };
        MotionRow[] repeated = [.. Enumerable.Range(0, settings.Frames ?? rows.Length).Select(i => rows[i % rows.Length])];
        return new ImitatedMotion(repeated, rate, inputs, []);

        MotionClip Resampled(MotionClip clip)
        {
            MotionClip resampled = clip.Resample(settings.Rate is null ? clips[0].FramesPerSecond : (float)rate.Value);
            if (resampled != clip)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"'{clip.Name}' is resampled from {clip.FramesPerSecond:0.###} to {resampled.FramesPerSecond:0.###} frames a second: "
                    + $"{clip.FrameCount} frames become {resampled.FrameCount}."));
            return resampled;
        }
    }

    /// <summary>Returns everything that the frames depend on.</summary>
    private Dictionary<string, string> Inputs(MarkedPhoto source, Backdrop backdrop, ImitatedMotion motion, ModelChoice models, int size) =>
        new(motion.Inputs)
    {
        ["--person or --source"] = ContentHash.Of(source.Picture),
        ["--keypoints"] = ContentHash.Of(source.Keypoints),
        ["--size"] = size.ToString(CultureInfo.InvariantCulture),
        ["--generator"] = models.GeneratorHash,
        ["--estimator"] = source.Keypoints is not null && models.FitsKeypoints && settings.Reference is null ? "none"
            : models.EstimatorHash,
        ["--body"] = models.Body.Hash,
        ["--background"] = backdrop.Hash,
        ["--camera"] = settings.Camera.ToString(),
        ["--place"] = settings.Place?.ToString() ?? "none",
        ["--model"] = File.Exists(settings.Model) ? ContentHash.OfFile(settings.Model) : "none",
        ["--side-by-side"] = settings.SideBySide.ToString(),
        ["--no-provenance"] = (settings.Provenance is null).ToString(),
        ["the program"] = ContentHash.OfProgram(),
    };

    private ITransformer GetModel(IDataView rows, ModelChoice models, int size, bool marked, Backdrop backdrop)
    {
        if (settings.Model is null)
        {
            ITransformer fitted = Imitation.Pipeline(_mlContext, size, models, marked, settings.Camera, backdrop, settings.Place).Fit(rows);
            if (settings.Save is not null)
                Imitation.Save(_mlContext, fitted, rows.Schema, settings.Save);
            return fitted;
        }
        ITransformer loaded = Imitation.Load(_mlContext, settings.Model);
        try
        {
            DataViewSchema schema = loaded.GetOutputSchema(rows.Schema);
            if (FrameReader.Columns.FirstOrDefault(name => schema.GetColumnOrNull(name) is null) is { } missing)
                throw new ModelFileException(settings.Model, null,
                    $"it is an ML.NET model, but it outputs no column '{missing}'; --save creates models that do.");
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new ModelFileException(settings.Model, null,
                $"it is an ML.NET model, but not for photographs and motions: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        return loaded;
    }

    /// <summary>Makes and writes the missing frames; some of them are added to the contact sheet.</summary>
    /// <returns>The fit error of the source's body; null for an estimated body.</returns>
    private float? MakeFrames(
        IDataView rows, string result, int[] numbers, ImitatedMotion motion, FrameJournal journal, ImitationSheet sheet, CutOff cutOff,
        MemoryWatch memory, CancellationToken cancellationToken)
    {
        float? fitError = null;
        FrameProgress.Run(output, motion.Rows.Count, "Frame", report =>
        {
            using var frame = new FrameReader(rows, result);
            using SideBySide? reference = settings.SideBySide ? new SideBySide(motion.Pictures) : null;
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; frame.MoveNext(); i++)
            {
                int number = numbers[i];
                if (!journal.IsKept(number))
                {
                    using MLImage photo = frame.Result;
                    PixelBuffer picture = ImageCodec.ToPixels(photo);
                    int[] body = frame.TargetFaceIndex;
                    cutOff.Look(number, body, frame.SourceCropTransform);
                    journal.Save(number, reference?.Beside(number, picture)
                        ?? picture, settings.Provenance, Silhouette.IntersectionOverUnion(frame.TargetMask, body));
                }
                fitError = frame.SourceFitError;
                if (sheet.Shows(number))
                    sheet.Add(frame);
                memory.Look();
                report(journal.KeptCount);
                cancellationToken.ThrowIfCancellationRequested();
            }
        });
        return fitError;
    }
}
