using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Shows one person, learned from photographs, in a motion.</summary>
internal sealed class ImpersonateRun(ImpersonateSettings settings, TextWriter output)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        MLContext mlContext = new MLContext(seed: 1).Use(settings.Device, output);
        MotionClip clip = MotionClip.Load(settings.Motion);
        // A learned person uses the generator, which stays open until all frames are made.
        using ModelChoice? models = settings.Model is null
            ? ModelChoice.Load(new ImitateSettings { Generator = settings.Generator, Size = settings.Size, Device = settings.Device },
            output) : null;
        ITransformer person = models is null ? Load(mlContext, settings.Model!) : Learn(mlContext, models);

        // The motion needs no pictures, because the person is learned. Only its column must have the name from the training.
        IDataView motion = mlContext.Data.LoadMotion(clip);
        motion = mlContext.Transforms.CopyColumns("Smpl", "ReferenceSmpl").Fit(motion).Transform(motion);

        using var folder = new ResultFolder(settings.Out);
        FrameProgress.Run(output, clip.FrameCount, "Frame", report =>
        {
            int number = 0;
            foreach (MLImage frame in person.Transform(motion).GetColumn<MLImage>("TargetImage"))
            {
                using (frame)
                    ImageCodec.SavePng(frame, folder.FramePath(number), settings.Provenance);
                report(++number);
                cancellationToken.ThrowIfCancellationRequested();
            }
        });
        List<string> made = await Animations.SaveAsync(clip.FrameCount, FrameRate.Of(clip.FramesPerSecond), folder, gif: false,
            settings.Provenance, output, cancellationToken);
        folder.Publish();
        output.WriteLine($"{clip.FrameCount} frames in {folder.Frames}");
        foreach (string name in made)
            output.WriteLine(Path.Combine(folder.FullPath, name));
    }

    /// <summary>Learns a person from one row for each photograph: crops and fits each, and learns from all together.</summary>
    private ITransformer Learn(MLContext mlContext, ModelChoice models)
    {
        Stills.TellLeftOut(output, settings.Source);
        MarkedPhoto[] photos = settings.Source.Count == 0 ? [SamplePeople.Load(settings.Person)]
            : [.. settings.Source.Select(file => MarkedPhoto.Load(file, settings.Keypoints))];
        int size = settings.Size ?? models.PreferredSize;
        IDataView rows = mlContext.Data.LoadFromEnumerable(photos.Select(photo => new PhotoRow(photo)));
        IDataView views = Imitation.Person(mlContext, "", size, models, marked: photos[0].Keypoints is not null).Fit(rows).Transform(rows);
        ITransformer person = mlContext.Transforms.ImpersonateSubject(models.Generator,
            new ImpersonateSubjectOptions { PersonMaskColumnName = models.MaskColumn("", photos[0].Keypoints is not null) }, models.Body)
            .Fit(views);
        if (settings.Save is not null)
            Imitation.Save(mlContext, person, views.Schema, settings.Save);
        return person;
    }

    private static ITransformer Load(MLContext mlContext, string path)
    {
        ITransformer person = Imitation.Load(mlContext, path);
        var smpl = new DataViewSchema.Builder();
        smpl.AddColumn("Smpl", new VectorDataViewType(NumberDataViewType.Single, SmplLayout.ParameterCount));
        try
        {
            if (person.GetOutputSchema(smpl.ToSchema()).GetColumnOrNull("TargetImage") is not null)
                return person;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new ModelFileException(path, null,
                $"it is an ML.NET model, but not a learned person: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        throw new ModelFileException(path, null, "it is an ML.NET model, but not a learned person; --save creates one.");
    }
}
