using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Tests.ModelHost;
using Lwg.MLNet.Tests.Transforms;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Tests.Generator;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Training.Tests.Subjects;

/// <summary>Tests tuning on a person: changed and unchanged values, the kept state, and the saved pipeline.</summary>
[TestClass]
public sealed class SubjectTunerTests
{
    private const int S = TinyTraining.Size;

    private static readonly BodyModel s_body = BodyModel.Default;
    private static readonly Lazy<ModelPackage> s_generator = new(() =>
    {
        using var trainer = new GeneratorTrainer(TinyTraining.Options with { Schedule = [new(S, 1)] });
        return trainer.ToPackage("a test", WeightStorage.Full, "whoever's", redistributable: false);
    });

    // Large steps, because the weights are random.
    private static readonly SubjectTuningOptions s_options = new() { SampleCount = 30, LearningRate = 3e-3 };

    [TestMethod]
    public void OwnPicturesComeOutBetterAndOtherStreamsStay()
    {
        SubjectTuningResult? result = null;
        var losses = new List<LossValues>();
        ModelPackage tuned = Tune(s_options with { Finished = r => result = r, Progress = p => losses.Add(p.Losses) });
        Assert.IsTrue(result!.IsKept, result.ToString());
        // A network of random weights paints grey; even a few steps reduce the error by a fifth.
        Assert.IsLessThan(0.8 * result.Before, result.After);
        Assert.HasCount(30, losses);
        Assert.IsLessThan(losses.Take(5).Average(l => l.Target), losses.TakeLast(5).Average(l => l.Target));
        foreach (string file in (string[])[LiquidWarpingGenerator.BackgroundFile, LiquidWarpingGenerator.SourceFile])
            CollectionAssert.AreEqual(s_generator.Value.Get(file), tuned.Get(file), file);
        CollectionAssert.AreNotEqual(s_generator.Value.Get(LiquidWarpingGenerator.TransferFile),
            tuned.Get(LiquidWarpingGenerator.TransferFile));
        Assert.AreEqual(("whoever's", false, S, "a test Tuned on 30 samples of 1 person."),
            (tuned.Manifest.Licence, tuned.Manifest.Redistributable, tuned.Manifest.ImageSize, tuned.Manifest.Notes));
    }

    [TestMethod]
    public void TheSameGivesTheSame()
    {
        SubjectTuningOptions few = s_options with { SampleCount = 4 };
        string first = Tune(few, People(2)).Hash;
        Assert.AreEqual(first, Tune(few, People(2)).Hash);
        Assert.AreNotEqual(first, Tune(few with { Seed = 2 }, People(2)).Hash);
        Assert.AreNotEqual(first, Tune(few with { Streams = GeneratorStreams.Source | GeneratorStreams.Transfer }, People(2)).Hash);
    }

    [TestMethod]
    public void AWorseResultIsNotKeptAndReported()
    {
        ModelPackage good = Tune(s_options);
        SubjectTuningResult? result = null;
        var spoiling = new SubjectTuner(new SubjectTuningOptions { SampleCount = 1, LearningRate = 1, Finished = r => result = r });
        Assert.AreSame(good, spoiling.Tune(good, s_body, People(1), default));
        Assert.IsFalse(result!.IsKept);
        StringAssert.Contains(result.ToString(), "is unchanged");

        var context = new MLContext(seed: 1);
        var warnings = new List<string>();
        context.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        using var network = new LiquidWarpingGenerator(good);
        var person = (ImpersonateSubjectTransformer)context.Transforms.ImpersonateSubject(network,
            new ImpersonateSubjectOptions { Tuner = spoiling }).Fit(Rows(context));
        StringAssert.Contains(warnings.Single(), "is unchanged");
        Assert.AreEqual(good.Hash, person.Network!.Package.Hash);
    }

    [TestMethod]
    public void CancellingEndsItBetweenSteps()
    {
        using var cancellation = new CancellationTokenSource();
        string before = s_generator.Value.Hash;
        int steps = 0, finished = 0;
        SubjectTuningOptions options = s_options with
        {
            Finished = _ => finished++,
            Progress = _ =>
            {
                if (++steps == 2)
                    cancellation.Cancel();
            },
        };
        Assert.Throws<OperationCanceledException>(() =>
            new SubjectTuner(options).Tune(s_generator.Value, s_body, People(1), cancellation.Token));
        Assert.AreEqual((2, 0), (steps, finished));
        Assert.AreEqual(before, s_generator.Value.Hash);
    }

    [TestMethod]
    public void ATunedPersonDoesTheSameInAnotherProcess()
    {
        var context = new MLContext(seed: 1);
        IDataView rows = Rows(context);
        using var network = new LiquidWarpingGenerator(s_generator.Value);
        var person = (ImpersonateSubjectTransformer)context.Transforms.ImpersonateSubject(network,
            new ImpersonateSubjectOptions { Tuner = new SubjectTuner(s_options with { SampleCount = 6 }) }).Fit(rows);
        Assert.AreNotEqual(s_generator.Value.Hash, person.Network!.Package.Hash, "tuned");
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "model.zip"), data = Path.Combine(folder.Path, "rows");
        context.Model.Save(person, rows.Schema, file);
        RowFolder.Save(context, rows, data);
        Assert.AreEqual(RowHash.OfData(person.Transform(RowFolder.Load(context, data))), ModelHostProcess.Apply(file, data));
    }

    [TestMethod]
    public void SamplesAreOwnPicturesAndExactPairs()
    {
        Subject subject = Person(0, views: 1);
        using var person = new SubjectPictures(s_body, subject, S);
        var (sample, again) = (new TrainingSample(S), new TrainingSample(S));
        new SubjectTrainingData([person], renderedShare: 0, seed: 1).Fill(5, sample);
        CollectionAssert.AreEqual(subject.Views[0].Image, sample.SourceImage);
        CollectionAssert.AreEqual(subject.Views[0].Image, sample.TargetImage);
        var rendered = new SubjectTrainingData([person], renderedShare: 1, seed: 1);
        int back = 0;
        for (int number = 0; number < 8; number++)
        {
            rendered.Fill(number, sample);
            rendered.Fill(number, again);
            CollectionAssert.AreEqual(sample.SourceImage, again.SourceImage);
            CollectionAssert.AreEqual(sample.TargetImage, again.TargetImage);
            CollectionAssert.AreNotEqual(subject.Views[0].Smpl, sample.SourceSmpl, "another pose");
            CollectionAssert.AreEqual(subject.Views[0].Smpl[SmplLayout.ShapeOffset..], sample.SourceSmpl[SmplLayout.ShapeOffset..],
                "the same person");
            for (int i = 0; i < sample.SourceImage.Length; i++)
            {
                if (sample.SourceMask[i % (S * S)] == 0)
                    Assert.AreEqual(sample.Background[i], sample.SourceImage[i], "before the background");
            }
            back += sample.TargetSmpl.SequenceEqual(subject.Views[0].Smpl) ? 1 : 0;
        }
        Assert.IsTrue(back is > 0 and < 8, $"{back} of 8 lead back to the picture.");
    }

    [TestMethod]
    public void PicturesOfOtherSizesAreAccepted()
    {
        using var person = new SubjectPictures(s_body, Person(0, views: 2), 32);
        Assert.HasCount(2, person.Views);
        Assert.IsTrue(person.Views.All(v => v.Image.Length == 3 * 32 * 32));
        Assert.AreNotEqual(s_generator.Value.Hash, Tune(s_options with { SampleCount = 2, Size = 32 }).Hash);
    }

    [TestMethod]
    public void UnsuitableGeneratorsAreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => Tune(s_options, []));
        using GeneratorTrainer same = GeneratorTrainer.FromModel(s_generator.Value, TinyTraining.Options);
        ModelPackage published = LiquidWarpingGenerator.Write(
            s_generator.Value.Manifest with { Background = BackgroundComposition.WholePicture }, same.Weights(), WeightStorage.Full);
        StringAssert.Contains(Assert.ThrowsExactly<TrainingException>(() =>
            new SubjectTuner(s_options).Tune(published, s_body, People(1), default)).Message, "WholePicture");
        ModelPackage other = LiquidWarpingGenerator.Write(s_generator.Value.Manifest with { BodyHash = new string('0', 64) },
            same.Weights(), WeightStorage.Full);
        Assert.ThrowsExactly<BodyMismatchException>(() => new SubjectTuner(s_options).Tune(other, s_body, People(1), default));
        foreach ((SubjectTuningOptions options, string part) in new (SubjectTuningOptions, string)[]
        {
            (s_options with { SampleCount = 0 }, "SampleCount"),
            (s_options with { RenderedShare = double.NaN }, "RenderedShare"),
            (s_options with { LearningRate = 2 }, "LearningRate"),
            (s_options with { Size = 33 }, "33"),
            (s_options with { BatchSize = 0 }, "BatchSize"),
            (s_options with { Streams = 0 }, "TrainedStreams"),
        })
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => new SubjectTuner(options)).Message, part);
    }

    private static ModelPackage Tune(SubjectTuningOptions options, IReadOnlyList<Subject>? people = null) =>
        new SubjectTuner(options).Tune(s_generator.Value, s_body, people ?? People(1), default);

    private static Subject[] People(int count) => [.. Enumerable.Range(0, count).Select(i => Person(i, views: 1))];

    private static Subject Person(int identity, int views) => Subject.Learn(s_body, Views(identity, views), S);

    private static List<SubjectView> Views(int identity, int count)
    {
        var (people, pair, views) = (new SyntheticPeople(s_body, S), new SyntheticPair(S), new List<SubjectView>());
        for (int v = 0; v < count; v++)
        {
            people.Fill(identity, v, pair);
            views.Add(new SubjectView([.. pair.SourceSmpl], [.. pair.SourceImage]));
        }
        return views;
    }

    private static IDataView Rows(MLContext context) =>
        context.Data.LoadFromEnumerable(Views(0, 1).Select(v => new Row { Image = ImageCodec.ToImage(v.Image, S, S), Smpl = v.Smpl })
        .ToArray());

    private sealed class Row
    {
        [AnySizeImage]
        public required MLImage Image { get; init; }

        [VectorType(85)]
        public required float[] Smpl { get; init; }
    }
}
