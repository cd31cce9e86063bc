using System.CommandLine;
using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Training.Cli;

/// <summary>The command line; exit codes are those of <see cref="ConsoleProgram"/>.</summary>
internal static class TrainingProgram
{
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder of the training: checkpoint, log, pictures. A training in it is resumed.",
        HelpName = "folder", DefaultValueFactory = _ => "training" };
    private static readonly Option<string?> s_data =
        new("--data") { Description = "A folder in the layout of iPER: images, smpls, train.txt. Without it, unlimited synthetic people.",
        HelpName = "folder" };
    private static readonly Option<string> s_schedule =
        new("--schedule") { Description = "Picture sizes and samples of the stages.", HelpName = "size:samples,...",
        DefaultValueFactory = _ => "128:20000,256:5000" };
    private static readonly Option<int> s_width =
        new("--width") { Description = "d, the number of channels of the first level.", DefaultValueFactory = _ => 16 };
    private static readonly Option<int> s_batch = new("--batch") { Description = "Samples per step.", DefaultValueFactory = _ => 2 };
    private static readonly Option<double> s_rate = new("--rate") { Description = "The learning rate.", DefaultValueFactory = _ => 2e-4 };
    private static readonly Option<long> s_judgeFrom =
        new("--discriminator-from") { Description = "The sample from which the discriminator takes part.", DefaultValueFactory = _ =>
        10_000 };
    private static readonly Option<float> s_adversarial =
        new("--adversarial") { Description = "The adversarial term's weight; 0 for a training without a discriminator.",
        DefaultValueFactory = _ => new GeneratorTrainingOptions().AdversarialWeight };
    private static readonly Option<string?> s_face =
        new("--sphereface") { Description = "A PyTorch checkpoint of the 20-layer SphereFace network for the face term.",
        HelpName = "file" };
    private static readonly Option<string?> s_perceptual =
        new("--perceptual") { Description =
        "The weights of ResNet-18 for the perceptual term; by default those of the package in this program, 'none' for a "
        + "training without the term.", HelpName = "file" };
    private static readonly Option<string> s_extract =
        new("--out") { Description = "The file to create or replace.", HelpName = "file", DefaultValueFactory = _ => "perceptual.onnx" };
    private static readonly Option<string?> s_estimator =
        new("--estimator") { Description =
        "The folder of an estimator whose bodies and masks of the synthetic people are used for training; without it exact "
        + "bodies.", HelpName = "folder" };
    private static readonly Option<double> s_ownPose =
        new("--own-pose") { Description = "The share of samples whose target is the source itself.", DefaultValueFactory = _ =>
        new GeneratorTrainingOptions().OwnPoseShare };
    private static readonly Option<int> s_rounds =
        new("--rounds") { Description = "The number of passes through the schedule, to mix sizes.", DefaultValueFactory = _ => 1 };
    private static readonly Option<bool> s_bfloat16 =
        new("--bf16") { Description = "Computes convolutions in bfloat16; faster only on processors that support it." };
    private static readonly Option<TrainingDevice> s_device =
        new("--device") { Description = "The device of the networks: cpu, or cuda with a CUDA build of libtorch." };
    private static readonly Option<int> s_sampleThreads =
        new("--sample-threads") { Description = "Threads that prepare samples ahead.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> s_from =
        new("--from") { Description = "A model folder with the initial weights of a new training.", HelpName = "folder" };
    private static readonly Option<long> s_warmup =
        new("--warmup") { Description = "The first samples over which the learning rate grows.", DefaultValueFactory = _ => 0 };
    private static readonly Option<double> s_decay =
        new("--decay") { Description = "The last share of the schedule over which the learning rate falls.", DefaultValueFactory = _ =>
        new GeneratorTrainingOptions().DecayShare };
    private static readonly Option<double> s_appearance =
        new("--appearance") { Description = "The share of steps that train appearance transfer; synthetic people only.",
        DefaultValueFactory = _ => 0 };
    private static readonly Option<string?> s_only =
        new("--only") { Description = "Trains only this generator, without a comparison: generators that are trained separately are "
        + "compared once all are in the folder.", HelpName = "name" };
    private static readonly Option<double> s_saveEvery =
        new("--save-every") { Description = "Minutes between checkpoints.", DefaultValueFactory = _ => 5 };
    private static readonly Option<string> s_ablation =
        new("--out")
        {
            Description = "The folder of the comparison: a training for each generator, tables, pictures. Trainings in it are resumed.",
            HelpName = "folder",
            DefaultValueFactory = _ => "ablation",
        };
    private static readonly Option<string> s_budget =
        new("--schedule") { Description = "Picture sizes and samples of every training; the comparison uses the last size.",
        HelpName = "size:samples,...", DefaultValueFactory = _ => "128:8000" };
    private static readonly Option<long?> s_judgeAfter =
        new("--discriminator-from") { Description =
        "The sample from which a discriminator takes part; half the schedule by default." };
    private static readonly Option<int> s_people =
        new("--people") { Description = "The number of held-out people in the comparison.", DefaultValueFactory = _ => 200 };
    private static readonly Option<string> s_model =
        new("--model") { Description = "The model folder to create or replace.", HelpName = "folder", Required = true };
    private static readonly Option<string?> s_notes =
        new("--notes") { Description = "Notes for the model's manifest.", HelpName = "text" };
    private static readonly Option<string?> s_licence =
        new("--licence") { Description = "The licence of the weights. Without it they must not be redistributed.",
        HelpName = "text" };
    private static readonly Option<string?> s_average =
        new("--average") { Description = "A model, usually the one of 'train --from', whose weights are averaged with the training's.",
        HelpName = "folder" };
    private static readonly Option<double> s_averageShare =
        new("--share") { Description = "With --average: the weight of the training, 0 to 1.", DefaultValueFactory = _ => 0.5 };
    private static readonly Option<bool> s_private = new("--private") { Description = "The weights must not be redistributed." };
    private static readonly Option<string> s_estimatorSchedule =
        new("--schedule") { Description = "Picture sizes and samples of the stages.", HelpName = "size:samples,...",
        DefaultValueFactory = _ => "128:60000,256:20000" };
    private static readonly Option<int> s_estimatorBatch = new("--batch") { Description = "Samples per step.", DefaultValueFactory = _ =>
        16 };
    private static readonly Option<double> s_estimatorRate = new("--rate") { Description = "The learning rate.", DefaultValueFactory = _ =>
        1e-3 };
    private static readonly Option<string?> s_encoder =
        new("--encoder") { Description = "ResNet18.onnx of the package Microsoft.ML.DnnImageFeaturizer.ResNet18, with whose weights the "
        + "encoder begins; by default in NuGet's folder. 'none': random weights.", HelpName = "file" };
    private static readonly Option<string?> s_backdrops =
        new("--backdrops") { Description = "A folder of photographs without people that stand behind half of the synthetic people.",
        HelpName = "folder" };
    private static readonly Option<int> s_painter =
        new("--painter") { Description = $"The version of the synthetic people: {SyntheticPeople.FirstVersion}, or "
        + $"{SyntheticPeople.LastVersion} with more kinds of shoes, hair, coats and poses, and with backs and profiles.",
        HelpName = "version", DefaultValueFactory = _ => SyntheticPeople.LastVersion };
    private static readonly Option<int> s_pictures =
        new("--pictures") { Description = "The number of training pictures.", DefaultValueFactory = _ => 20_000 };
    private static readonly Option<int> s_passes =
        new("--passes") { Description = "The number of passes over the pictures.", DefaultValueFactory = _ => 100 };

    /// <summary>Runs the program.</summary>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        ConsoleProgram.RunAsync(BuildCommand(output, cancellationToken), args, output, error,
        "Cancelled; the progress is in the checkpoint.", cancellationToken);

    private static RootCommand BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Trains Liquid Warping GAN generators on synthetic people or pictures of real ones.");
        var train = new Command("train", "Trains a generator, or resumes a training.");
        foreach (Option option in (Option[])[s_out, s_data, s_schedule, s_width, s_batch, s_rate, s_judgeFrom, s_adversarial, s_perceptual,
            s_face, s_bfloat16, s_device, s_sampleThreads, s_from, s_warmup, s_decay, s_appearance, s_estimator, s_backdrops, s_painter,
            s_ownPose, s_rounds, s_saveEvery])
            train.Options.Add(option);
        train.SetAction((parsed, _) =>
        {
            GeneratorTrainingOptions options =
                Options(parsed, s_schedule) with { DiscriminatorFrom = parsed.GetValue(s_judgeFrom),
                AdversarialWeight = parsed.GetValue(s_adversarial), PerceptualNetwork = Perceptual(parsed.GetValue(s_perceptual)),
                OwnPoseShare = parsed.GetValue(s_ownPose), FaceNetwork = parsed.GetValue(s_face), WarmupSamples = parsed.GetValue(s_warmup),
                DecayShare = parsed.GetValue(s_decay), AppearanceShare = parsed.GetValue(s_appearance) };
            options = options with { Schedule =
                [.. Enumerable.Repeat(options.Schedule, parsed.GetValue(s_rounds)).SelectMany(stages => stages)] };
            if (parsed.GetValue(s_data) is not null && parsed.GetValue(s_estimator) is not null)
                throw new ArgumentException("The bodies of a folder are exact: --estimator cannot be combined with --data.");
            if (parsed.GetValue(s_data) is not null && parsed.GetValue(s_backdrops) is not null)
                throw new ArgumentException("People of a folder have backdrops: --backdrops cannot be combined with --data.");
            if (parsed.GetValue(s_data) is not null && options.AppearanceShare > 0)
                throw new ArgumentException("Appearance transfer is learned from synthetic people only: --appearance cannot be "
                    + "combined with --data.");
            if (parsed.GetValue(s_painter) is not (>= SyntheticPeople.FirstVersion and <= SyntheticPeople.LastVersion) and var painter)
                throw new ArgumentException($"--painter is {painter}; it must be {SyntheticPeople.FirstVersion} to "
                    + $"{SyntheticPeople.LastVersion}.");
            using LearnedSmplEstimator? estimator = parsed.GetValue(s_estimator) is { } folderOfEstimator
                ? LearnedSmplEstimator.Load(folderOfEstimator) : null;
            (ITrainingData data, string words) = Data(parsed, options.Seed, estimator);
            new TrainRun(options with { Data = words }, data, parsed.GetValue(s_out)!,
                TimeSpan.FromMinutes(parsed.GetValue(s_saveEvery)), output, parsed.GetValue(s_from)).Run(cancellationToken);
            return Task.FromResult(0);
        });
        root.Subcommands.Add(train);
        root.Subcommands.Add(BuildExport(output));
        root.Subcommands.Add(BuildExtract(output));
        AddEstimator(root, output, cancellationToken);
        root.Subcommands.Add(BuildAblate(output, cancellationToken));
        root.Subcommands.Add(TuningProgram.BuildTune(output, cancellationToken));
        root.Subcommands.Add(TuningProgram.BuildEvaluate(output, cancellationToken));
        return root;
    }

    private static (ITrainingData Data, string Words) Data(ParseResult parsed, int seed, SmplEstimator? estimator)
    {
        if (parsed.GetValue(s_data) is { } folder)
        {
            var pictures = new IperTrainingData(folder, seed: seed);
            return (pictures, pictures.Description);
        }
        var people = new SyntheticTrainingData(BodyModel.Default, seed, estimator, photographs:
            parsed.GetValue(s_backdrops) is { } backdrops ? BackdropFolder.Load(backdrops, ImageCodec.Load) : null,
            version: parsed.GetValue(s_painter));
        return (people, people.Description);
    }

    private static Command BuildExport(TextWriter output)
    {
        var export = new Command("export", "Writes the generator of a training as a model folder.") { s_out, s_model, s_notes, s_licence,
            s_private, s_average, s_averageShare };
        export.SetAction((parsed, _) =>
        {
            using GeneratorTrainer trainer = GeneratorTrainer.Resume(Path.Combine(parsed.GetValue(s_out)!, TrainRun.CheckpointName));
            ModelPackage package = trainer.ToPackage(parsed.GetValue(s_notes), licence: parsed.GetValue(s_licence),
                redistributable: parsed.GetValue(s_licence) is not null && !parsed.GetValue(s_private));
            Averaged(package, parsed).SaveFolder(parsed.GetValue(s_model)!);
            output.WriteLine($"{parsed.GetValue(s_model)}: the generator after {trainer.Samples} samples");
            return Task.FromResult(0);
        });
        return export;
    }

    private static ModelPackage Averaged(ModelPackage package, ParseResult parsed)
    {
        if (parsed.GetValue(s_average) is { } start)
            return ModelAverage.Of(package, ModelPackage.LoadFolder(start), parsed.GetValue(s_averageShare));
        return parsed.GetResult(s_averageShare) is not { Implicit: false } ? package
            : throw new ArgumentException($"{s_averageShare.Name} needs {s_average.Name}.");
    }

    private static Command BuildExtract(TextWriter output)
    {
        var extract = new Command("extract-perceptual",
            "Writes the part of ResNet-18 that the perceptual term uses to a small file, in half precision, for machines without the "
            + "package.") { s_perceptual, s_extract };
        extract.SetAction((parsed, _) =>
        {
            string from = Perceptual(parsed.GetValue(s_perceptual))
                ?? throw new ArgumentException($"{s_perceptual.Name} is 'none'; there is nothing to write.");
            AtomicFile.Write(parsed.GetValue(s_extract)!, stream =>
                OnnxFile.Write(stream, ResNetNetwork.Build(), ResNetWeights.Read(from), WeightStorage.Half));
            output.WriteLine($"{parsed.GetValue(s_extract)}: {new FileInfo(parsed.GetValue(s_extract)!).Length} bytes of {from}");
            return Task.FromResult(0);
        });
        return extract;
    }

    private static void AddEstimator(RootCommand root, TextWriter output, CancellationToken cancellationToken)
    {
        var trainEstimator = new Command("train-estimator", "Trains a person estimator, or resumes a training.") { s_out,
            s_estimatorSchedule, s_estimatorBatch, s_estimatorRate, s_encoder, s_backdrops, s_from, s_warmup, s_decay,
            s_saveEvery };
        trainEstimator.SetAction((parsed, _) =>
        {
            var options = new EstimatorTrainingOptions { Schedule = Schedule(parsed.GetValue(s_estimatorSchedule)!),
                BatchSize = parsed.GetValue(s_estimatorBatch), LearningRate = parsed.GetValue(s_estimatorRate),
                Encoder = Perceptual(parsed.GetValue(s_encoder)), Backdrops = parsed.GetValue(s_backdrops),
                WarmupSamples = parsed.GetValue(s_warmup), DecayShare = parsed.GetValue(s_decay) };
            new EstimatorRun(options, parsed.GetValue(s_out)!, TimeSpan.FromMinutes(parsed.GetValue(s_saveEvery)), output,
                parsed.GetValue(s_from)).Run(cancellationToken);
            return Task.FromResult(0);
        });
        root.Subcommands.Add(trainEstimator);
        var finish = new Command("finish-estimator",
            "Trains only the regressor of a trained estimator, and saves it in the checkpoint.") { s_out, s_pictures, s_passes };
        finish.SetAction((parsed, _) =>
        {
            string checkpoint = Path.Combine(parsed.GetValue(s_out)!, TrainRun.CheckpointName);
            EstimatorTrainingOptions saved = EstimatorTrainer.OptionsOf(checkpoint);
            using EstimatorTrainer trainer = EstimatorTrainer.Resume(checkpoint, saved with { Report = output.WriteLine });
            trainer.TrainRegressor(parsed.GetValue(s_pictures), parsed.GetValue(s_passes),
                (what, rotation, camera, presence) =>
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what}: rotation {rotation:0.0000}, camera {camera:0.0000}, presence {presence:0.0000}")), cancellationToken);
            trainer.SaveCheckpoint(checkpoint);
            return Task.FromResult(0);
        });
        root.Subcommands.Add(finish);
        var exportEstimator = new Command("export-estimator", "Writes the estimator of a training as a model folder.") { s_out, s_model,
            s_notes, s_average, s_averageShare };
        exportEstimator.SetAction((parsed, _) =>
        {
            using EstimatorTrainer trainer = EstimatorTrainer.Resume(Path.Combine(parsed.GetValue(s_out)!, TrainRun.CheckpointName));
            Averaged(trainer.ToPackage(parsed.GetValue(s_notes)), parsed).SaveFolder(parsed.GetValue(s_model)!);
            output.WriteLine($"{parsed.GetValue(s_model)}: the estimator after {trainer.Samples} samples");
            return Task.FromResult(0);
        });
        root.Subcommands.Add(exportEstimator);
    }

    private static Command BuildAblate(TextWriter output, CancellationToken cancellationToken)
    {
        var ablate = new Command("ablate",
            "Trains generators with different inputs from the source, on the same data and samples, and compares them on held-out "
            + "people (Liu et al. 2019, section 4.2).");
        foreach (Option option in (Option[])[s_ablation, s_budget, s_width, s_batch, s_rate, s_judgeAfter, s_bfloat16, s_device,
            s_sampleThreads, s_people, s_only, s_saveEvery])
            ablate.Options.Add(option);
        ablate.SetAction((parsed, _) =>
        {
            GeneratorTrainingOptions options = Options(parsed, s_budget);
            options = options with { DiscriminatorFrom = parsed.GetValue(s_judgeAfter) ?? options.SampleCount / 2 };
            new AblationRun(options, parsed.GetValue(s_people), parsed.GetValue(s_ablation)!,
                TimeSpan.FromMinutes(parsed.GetValue(s_saveEvery)), output, parsed.GetValue(s_only)).Run(cancellationToken);
            return Task.FromResult(0);
        });
        return ablate;
    }

    private static GeneratorTrainingOptions Options(ParseResult parsed, Option<string> schedule) => new()
    {
        Shape = new GeneratorShape { Width = parsed.GetValue(s_width), AlignCorners = true },
        Schedule = Schedule(parsed.GetValue(schedule)!),
        BatchSize = parsed.GetValue(s_batch),
        LearningRate = parsed.GetValue(s_rate),
        Bfloat16 = parsed.GetValue(s_bfloat16),
        Device = parsed.GetValue(s_device),
        SampleThreads = parsed.GetValue(s_sampleThreads),
    };

    private static string? Perceptual(string? path) => path switch
    {
        "none" => null,
        null => ResNetWeights.Find() ?? throw new ArgumentException(
            $"{ResNetWeights.FileName} of the package {ResNetWeights.PackageName} is missing; specify the file, or train without the "
            + $"perceptual term: --perceptual none."),
        _ => path,
    };

    private static List<TrainingStage> Schedule(string text)
    {
        var stages = new List<TrainingStage>();
        foreach (string part in text.Split(','))
        {
            string[] numbers = part.Split(':');
            if (numbers.Length != 2 || !int.TryParse(numbers[0], CultureInfo.InvariantCulture, out int size)
                || !long.TryParse(numbers[1], CultureInfo.InvariantCulture, out long samples))
                throw new ArgumentException($"'{part}' is not a stage of a schedule; use size:samples, such as 128:20000.");
            stages.Add(new TrainingStage(size, samples));
        }
        return stages;
    }
}
