// cell
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Models;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
// end

namespace Lwg.MLNet.Tests.Tutorial;

// cell
internal sealed class Photo
{
    [AnySizeImage]
    public required MLImage SourcePhoto { get; init; }

    [VectorType(17, 3)]
    public float[] SourcePhotoKeypoints { get; init; } = new float[51];
}

internal sealed class Couple
{
    [AnySizeImage]
    public required MLImage SourcePhoto { get; init; }

    [AnySizeImage]
    public required MLImage ReferencePhoto { get; init; }
}

internal sealed class NamedPhoto
{
    public required string Who { get; init; }

    [AnySizeImage]
    public required MLImage Photo { get; init; }
}

internal sealed class Actor
{
    public required string Who { get; init; }
}
// end

/// <summary>The code of docs/tutorial.md, cell by cell; <see cref="TutorialTests"/> checks that they are equal and runs it.</summary>
internal static class TutorialCode
{
    public static void Run()
    {
        // cell
        const int Size = 128;
        var mlContext = new MLContext(seed: 1);
        IDataView person = mlContext.Data.LoadFromEnumerable([new Photo { SourcePhoto = MLImage.CreateFromFile("anna.png") }]);
        // Files in a folder: a row is decoded when it is read, and turned upright according to EXIF.
        IDataView files = mlContext.Data.LoadPhotos(["anna.png", "ben.png"]);

        static void Save(IDataView data, string column, string name)
        {
            int number = 0;
            foreach (MLImage picture in data.GetColumn<MLImage>(column))
            {
                using (picture)
                    ImageCodec.SavePng(picture, $"{name}_{number++}.png", Provenance.CompositeWithTrainedAlgorithms);
            }
        }
        // end

        // cell
        ITransformer finder = mlContext.Transforms.FindPerson("Source", Size).Fit(person);
        IDataView found = finder.Transform(person);
        foreach (string column in (string[])["SourceImage", "SourceCropTransform", "SourceSmpl", "SourcePersonMask", "SourceConfidence"])
            Console.WriteLine($"{column}: {found.Schema[column].Type}");
        Console.WriteLine($"Anna is there: {found.GetColumn<float>("SourceConfidence").Single() > 0.5f}");
        // end

        // cell
        KeypointSet marked = CocoKeypoints.Load("keypoints.json").For("anna.png", 512, 512);
        IDataView markedPerson = mlContext.Data.LoadFromEnumerable(
            [new Photo { SourcePhoto = MLImage.CreateFromFile("anna.png"), SourcePhotoKeypoints = marked.Values.ToArray() }]);

        var byHand = mlContext.Transforms.CropPerson("Source", Size).Append(mlContext.Transforms.FitSmplToKeypoints("Source"));
        IDataView fitted = byHand.Fit(markedPerson).Transform(markedPerson);
        Console.WriteLine($"The body meets the key points: {fitted.GetColumn<float>("SourceFitError").Single() < 0.03f}");
        // end

        // cell
        var byEye = mlContext.Transforms.CropPerson("Source", Size).Append(mlContext.Transforms.EstimateSmpl("Source"));
        IDataView estimated = byEye.Fit(markedPerson).Transform(markedPerson);
        Console.WriteLine($"SourceSmpl: {estimated.GetColumn<float[]>("SourceSmpl").Single().Length} values");
        // end

        // cell
        var byNetwork = mlContext.Transforms.DetectKeypoints("pose.onnx", "Source")
            .Append(mlContext.Transforms.CropPerson("Source", Size))
            .Append(mlContext.Transforms.FitSmplToKeypoints("Source"));
        IDataView detected = byNetwork.Fit(person).Transform(person);
        Console.WriteLine($"PersonScore: {detected.GetColumn<float>("SourcePersonScore").Single():0.0}");
        // end

        // cell
        MotionClip dance = MotionClip.Load("dance");
        Console.WriteLine($"{string.Join(", ", MotionClip.BuiltInNames)}; dance has {dance.FrameCount} frames at "
            + $"{dance.FramesPerSecond} a second");

        int[] chosen = [0, 16, 32, 48, 64, 80];
        var steps = new MotionClip(
            "steps", 1.5f,
            poses: [.. chosen.SelectMany(i => dance.Pose(i).ToArray())],
            translations: [.. chosen.SelectMany(i => dance.Translation(i).ToArray())]);
        steps.Save("steps.npz");
        IDataView motion = mlContext.Data.LoadMotion("steps.npz");
        // end

        // cell
        IDataView frames = mlContext.Data.PairWithMotion(person, motion);
        var imitation = mlContext.Transforms.FindPerson("Source", Size)
            .Append(mlContext.Transforms.ImitateMotion(
                OwnModels.OpenGenerator(mlContext.Transforms.NetworkRuntime()),
                new ImitateMotionOptions { ImageSize = Size, PersonMaskColumnName = "SourcePersonMask" }))
            .Append(mlContext.Transforms.ComposeIntoImage(imageSize: Size));
        ITransformer imitator = imitation.Fit(frames);
        Save(imitator.Transform(frames), "TargetImage", "dance");
        // end

        // cell
        mlContext.Model.Save(imitator, frames.Schema, "imitate.zip");
        ITransformer loaded = mlContext.Model.Load("imitate.zip", out DataViewSchema _);
        Save(mlContext.Data.TakeRows(loaded.Transform(frames), 1), "TargetPhoto", "photo");
        // end

        // cell
        IDataView two = mlContext.Data.LoadMotions([MotionClip.Load("walk"), MotionClip.Load("wave")]);
        int[] whose = [.. two.GetColumn<int>("ReferenceMotion")];
        Console.WriteLine($"{whose.Length} frames of {whose.Distinct().Count()} motions");

        IDataView calm = mlContext.Data.SmoothSmpl(
            two, "ReferenceSmpl", personColumnName: "ReferenceMotion",
            options: new SmplSmoothingOptions { FramesPerSecond = dance.FramesPerSecond });
        Console.WriteLine($"{calm.GetColumn<float[]>("ReferenceSmpl").Count()} frames, smoothed");
        // end

        // cell
        IDataView couple = mlContext.Data.LoadFromEnumerable(
            [new Couple { SourcePhoto = MLImage.CreateFromFile("anna.png"), ReferencePhoto = MLImage.CreateFromFile("ben.png") }]);
        var bothFound = mlContext.Transforms.FindPerson("Source", Size).Append(mlContext.Transforms.FindPerson("Reference", Size));

        var swap = bothFound.Append(mlContext.Transforms.TransferAppearance(
            new TextureWarpGenerator(BodyModel.Default), new TransferAppearanceOptions { ImageSize = Size, Parts = ["upper"] }));
        Save(swap.Fit(couple).Transform(couple), "TargetImage", "swap");
        // end

        // cell
        var mimicry = bothFound.Append(mlContext.Transforms.ImitateMotion(
            new TextureWarpGenerator(BodyModel.Default), new ImitateMotionOptions { ImageSize = Size, Strategy = CameraStrategy.Source }));
        Save(mimicry.Fit(couple).Transform(couple), "TargetImage", "mimic");
        // end

        // cell
        IDataView turn = mlContext.Data.PairWithViews(person, mlContext.Data.LoadTurntable(6));
        var views = mlContext.Transforms.FindPerson("Source", Size)
            .Append(mlContext.Transforms.SynthesizeView(
                new TextureWarpGenerator(BodyModel.Default),
                new SynthesizeViewOptions { ImageSize = Size, Pose = ViewPose.TPose, BackgroundColor = new Rgb(32, 48, 64) }));
        Save(views.Fit(turn).Transform(turn), "TargetImage", "view");
        // end

        // cell
        string[] names = ["anna", "ben"];
        IDataView album = mlContext.Data.LoadFromEnumerable(
            names.Select(who => new NamedPhoto { Who = who, Photo = MLImage.CreateFromFile(who + ".png") }));
        IDataView looked = mlContext.Transforms.FindPerson("", Size).Fit(album).Transform(album);
        ITransformer actors = mlContext.Transforms.ImpersonateSubject(
            new TextureWarpGenerator(BodyModel.Default), new ImpersonateSubjectOptions { KeyColumnName = "Who" }).Fit(looked);
        mlContext.Model.Save(actors, looked.Schema, "actors.zip");

        IDataView actor = mlContext.Data.LoadFromEnumerable([new Actor { Who = "ben" }]);
        IDataView script = mlContext.Data.PairWithMotion(actor, motion);
        IDataView roles = mlContext.Transforms.CopyColumns("Smpl", "ReferenceSmpl").Fit(script).Transform(script);
        Save(actors.Transform(roles), "TargetImage", "actor");
        // end

        // cell
        var stages = mlContext.Transforms.FindPerson("Source", Size)
            .Append(mlContext.Transforms.RetargetSmpl())
            .Append(mlContext.Transforms.PoseBody("Source"))
            .Append(mlContext.Transforms.PoseBody("Target"))
            .Append(mlContext.Transforms.RenderBodyMesh("Source", Size))
            .Append(mlContext.Transforms.RenderBodyMesh("Target", Size))
            .Append(mlContext.Transforms.LocateHeadAndBody("Target", Size))
            .Append(mlContext.Transforms.MeasureTransferQuality())
            .Append(mlContext.Transforms.ComputeTransformationFlow())
            .Append(mlContext.Transforms.AssembleBackgroundInput())
            .Append(mlContext.Transforms.AssembleForegroundInput())
            .Append(mlContext.Transforms.AssembleTransferInput())
            .Append(mlContext.Transforms.GenerateTransfer(new TextureWarpGenerator(BodyModel.Default),
            new GenerateTransferOptions { WithLayers = true }));
        IDataView all = stages.Fit(frames).Transform(frames);
        foreach (string column in (string[])["TargetVertices", "TargetFaceIndex", "T", "TargetTransferInput", "TargetMask"])
            Console.WriteLine($"{column}: {all.Schema[column].Type}");
        // end

        // cell
        MotionClip around = MotionClip.Load("turn");
        var sides = new MotionClip("sides", 1, [.. around.Pose(0), .. around.Pose(around.FrameCount / 2)]);
        IDataView frontAndBack = mlContext.Data.PairWithMotion(person, mlContext.Data.LoadMotion(sides));
        IDataView judged = stages.Fit(frames).Transform(frontAndBack);
        IDataView good = mlContext.Data.FilterRowsByColumn(judged, "SurfaceShown", lowerBound: 0.5);
        int enough = good.GetColumn<float>("SurfaceShown").Count();
        Console.WriteLine($"In {enough} of {sides.FrameCount} frames Anna's picture shows more than half of what is seen");
        // end

        // cell
        var turned = mlContext.Transforms.FindPerson("Source", Size)
            .Append(mlContext.Transforms.PoseBody("Source"))
            .Append(mlContext.Transforms.RotateBody())
            .Append(mlContext.Transforms.RenderBodyMesh(
                new RenderBodyMeshOptions { OutputPrefix = "Target", CameraColumnName = "SourceCamera", ImageSize = Size,
                WithPartMap = true }));
        Console.WriteLine($"TargetPartMap: {turned.Fit(turn).Transform(turn).Schema["TargetPartMap"].Type}");
        // end

        // cell
        var clothes = bothFound
            .Append(mlContext.Transforms.PoseBody("Source"))
            .Append(mlContext.Transforms.PoseBody("Reference"))
            .Append(mlContext.Transforms.RenderBodyMesh("Source", Size))
            .Append(mlContext.Transforms.RenderBodyMesh("Reference", Size))
            .Append(mlContext.Transforms.ComputeAppearanceFlow(new ComputeAppearanceFlowOptions { Parts = ["upper"] }));
        float kept = clothes.Fit(couple).Transform(couple).GetColumn<float[]>("KeptMap").Single().Average();
        Console.WriteLine($"Some of the picture keeps Anna's own clothes: {kept is > 0 and < 1}");

        var lesson = bothFound.Append(mlContext.Transforms.RecoverBodyFlow(new RecoverBodyFlowOptions { ImageSize = Size }));
        Console.WriteLine($"ReferenceTransferInput: {lesson.Fit(couple).Transform(couple).Schema["ReferenceTransferInput"].Type}");
        // end

        // cell
        IDataView self = mlContext.Data.PairWithViews(person, mlContext.Data.LoadTurntable(1));
        var mirror = mlContext.Transforms.FindPerson("Source", Size)
            .Append(mlContext.Transforms.SynthesizeView(new TextureWarpGenerator(BodyModel.Default),
            new SynthesizeViewOptions { ImageSize = Size }));
        TransferMetrics metrics = mlContext.PersonTransfer().Evaluate(mirror.Fit(self).Transform(self), "SourceImage", "TargetImage");
        Console.WriteLine($"SSIM above 0.9: {metrics.Mean(TransferRegion.Picture, TransferMeasure.Ssim) > 0.9}");
        // end

        // cell
        ModelPackage package = OwnModels.Generator;
        package.SaveFolder("generator");
        Console.WriteLine($"{package.Manifest.Kind}, {package.Manifest.ImageSize} x {package.Manifest.ImageSize}, "
            + $"{package.Manifest.Licence}");

        using LiquidWarpingGenerator generator =
            LiquidWarpingGenerator.Load("generator", new NetworkRuntimeOptions { IntraOpNumThreads = 2 });
        var large = mlContext.Transforms.FindPerson("Source", 2 * Size)
            .Append(mlContext.Transforms.ImitateMotion(
                generator, new ImitateMotionOptions { ImageSize = 2 * Size, BackgroundColor = new Rgb(220, 224, 228) }));
        IDataView one = mlContext.Data.TakeRows(frames, 1);
        Save(large.Fit(one).Transform(one), "TargetImage", "large");
        // end

        // cell
        using LiquidWarpingGenerator quick = LiquidWarpingGenerator.Load(
            "generator", new NetworkRuntimeOptions { IntraOpNumThreads = 1, Precision = NetworkPrecision.Quantized });
        var fast = mlContext.Transforms.FindPerson("Source", Size)
            .Append(mlContext.Transforms.ImitateMotion(quick, new ImitateMotionOptions { ImageSize = Size }));
        IDataView few = mlContext.Data.TakeRows(frames, 4);
        IDataView fourSteps = mlContext.Data.TransformInParallel(fast.Fit(few), few);
        Console.WriteLine($"{fourSteps.GetColumn<MLImage>("TargetImage").Count()} pictures, two or more at a time where there are cores");
        // end
    }
}
