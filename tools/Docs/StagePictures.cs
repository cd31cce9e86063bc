using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Docs;

/// <summary>An example picture for each stage, created by the stages themselves from the painted people; they are kept in the
/// repository.</summary>
internal static class StagePictures
{
    public const string Folder = "docs/images/stages";

    private const int S = 192;

    private static readonly Dictionary<string, string> s_captions = new()
    {
        ["FindPerson"] = "The photograph; the square; where the person is; the body in it.",
        ["CropPerson"] = "The photograph with its key points; the square around them.",
        ["DetectKeypoints"] = "A photograph and 17 key points.",
        ["EstimateSmpl"] = "The square; estimated key points; the person's mask; the body that was fitted to them.",
        ["FitSmplToKeypoints"] = "Marked key points; the body that meets them.",
        ["RetargetSmpl"] = "The source's body; the reference's pose; the source's body in that pose.",
        ["PoseBody"] = "The posed body (its condition map) and its projected joints.",
        ["RotateBody"] = "The body from four sides.",
        ["RenderBodyMesh"] = "Face index, weights, condition and part map of one body.",
        ["LocateHeadAndBody"] = "The boxes of head and body.",
        ["ComputeTransformationFlow"] =
            "The source; T, where each of the target's pixels comes from (red and green are x and y); the source warped by it.",
        ["ComputeAppearanceFlow"] = "T of what stays; T of what the reference gives; where the source's parts stay.",
        ["AssembleBackgroundInput"] = "The picture; the background input, from which the person is cut.",
        ["AssembleForegroundInput"] = "The foreground input: the person, and the condition map.",
        ["AssembleTransferInput"] = "The transfer input: the warped person, and the target's condition map.",
        ["GenerateTransfer"] = "Colour, mask (white is background), background, and the picture that they make.",
        ["ComposeIntoImage"] = "The square; the photograph with it.",
        ["MeasureTransferQuality"] = "The source; the target's surface: green is shown by the source, red is not.",
        ["ImitateMotion"] = "The source, and three frames of a dance.",
        ["TransferAppearance"] = "The source; the reference; the source in the reference's shirt.",
        ["SynthesizeView"] = "The source's view, and three others.",
        ["ImpersonateSubject"] = "The picture that Fit learned from; three poses that came without a picture.",
        ["RecoverBodyFlow"] = "Source and reference; the transfer input that is made of them.",
        ["TrainLiquidWarpingGenerator"] = "A pair to train on: one person, two poses.",
    };

    public static string CaptionOf(string stage) => s_captions.GetValueOrDefault(stage, "");

    /// <summary>Paints all pictures.</summary>
    /// <param name="people">The folder of the painted people.</param>
    /// <param name="folder">Where the pictures go.</param>
    public static void Paint(string people, string folder)
    {
        Directory.CreateDirectory(folder);
        var mlContext = new MLContext(seed: 1);
        CocoKeypoints marked = CocoKeypoints.Load(Path.Combine(people, "keypoints.json"));
        MLImage Photo(string name) => MLImage.CreateFromFile(Path.Combine(people, name + ".png"));
        IDataView anna = mlContext.Data.LoadFromEnumerable(
            [new Person { SourcePhoto = Photo("anna"), ReferencePhoto = Photo("ben"), Photo = Photo("ben"),
                Keypoints = marked.For("anna.png").Values.ToArray() }]);
        MotionClip dance = MotionClip.Load("dance");
        int[] chosen = [10, 30, 52];
        IDataView motion = mlContext.Data.LoadMotion(
            new MotionClip("dance", 2, [.. chosen.SelectMany(i => dance.Pose(i).ToArray())],
            [.. chosen.SelectMany(i => dance.Translation(i).ToArray())]));
        void Save(string stage, params PixelBuffer[] panels) =>
            ImageCodec.SavePng(Panels.Beside(panels), Path.Combine(folder, stage + ".png"), Provenance.CompositeWithTrainedAlgorithms);

        PaintImitation(mlContext, mlContext.Data.PairWithMotion(anna, motion), Save);
        PaintCouple(mlContext, anna, Save);
        PaintViews(mlContext, mlContext.Data.PairWithViews(anna, mlContext.Data.LoadTurntable(4)), Save);
        PaintSubject(mlContext, anna, motion, Save);

        var pair = new SyntheticPair(S);
        new SyntheticPeople(BodyModel.Default, S).Fill(5, 0, pair);
        Save("TrainLiquidWarpingGenerator", PixelBuffer.FromTensor(pair.SourceImage, S, S), PixelBuffer.FromTensor(pair.TargetImage, S, S));
    }

    private static void PaintImitation(MLContext mlContext, IDataView frames, Action<string, PixelBuffer[]> save)
    {
        TransformsCatalog t = mlContext.Transforms;
        var chain = t.FindPerson("Source", S).Append(t.RetargetSmpl()).Append(t.PoseBody("Source")).Append(t.PoseBody("Reference"))
            .Append(t.PoseBody("Target"))
            .Append(t.RenderBodyMesh("Source", S)).Append(t.RenderBodyMesh("Reference", S))
            .Append(t.RenderBodyMesh(new RenderBodyMeshOptions { OutputPrefix = "Target", ImageSize = S, WithPartMap = true }))
            .Append(t.LocateHeadAndBody("Target", S)).Append(t.ComputeTransformationFlow())
            .Append(t.AssembleBackgroundInput()).Append(t.AssembleForegroundInput()).Append(t.AssembleTransferInput())
            .Append(t.GenerateTransfer(new TextureWarpGenerator(BodyModel.Default), new GenerateTransferOptions { WithLayers = true }))
            .Append(t.ComposeIntoImage(imageSize: S));
        List<DataRow> rows = DataRow.Read(chain.Fit(frames).Transform(frames));
        DataRow row = rows[0];
        PixelBuffer photo = row.Picture("SourcePhoto"), source = row.Picture("SourceImage"),
            mask = Panels.Grey(row.Numbers("SourcePersonMask"), 128);
        PixelBuffer condition = Panels.Color(row.Numbers("SourceCondition"), 0, S),
            target = Panels.Color(row.Numbers("TargetCondition"), 0, S);
        PixelBuffer body = Panels.Over(source, row.Whole("SourceFaceIndex"));
        save("FindPerson", [photo, source, mask, body]);
        save("EstimateSmpl", [source, Panels.Dots(source, row.Numbers("SourceEstimatedKeypoints"), 3), mask, body]);
        PixelBuffer markedPhoto = Panels.Dots(photo, row.Numbers("Keypoints"), 7);
        save("CropPerson", [markedPhoto, source]);
        save("DetectKeypoints", [photo, markedPhoto]);
        save("FitSmplToKeypoints", [markedPhoto, body]);
        save("RetargetSmpl", [condition, Panels.Color(row.Numbers("ReferenceCondition"), 0, S), target]);
        save("PoseBody", [target, Panels.Joints(target, row.Numbers("TargetJoints2D"))]);
        save("RenderBodyMesh", [Panels.Faces(row.Whole("TargetFaceIndex"), S),
            Panels.Weights(row.Numbers("TargetWeights"), row.Whole("TargetFaceIndex"), S), target,
            Panels.Parts(row.Numbers("TargetPartMap"), S)]);
        save("LocateHeadAndBody", [Panels.Boxes(target, row.Numbers("TargetHeadBox"), row.Numbers("TargetBodyBox"))]);
        save("ComputeTransformationFlow", [source, Panels.Flow(row.Numbers("T"), S), Panels.Color(row.Numbers("TargetWarped"), 0, S)]);
        save("AssembleBackgroundInput", [source, Panels.Color(row.Numbers("SourceBackgroundInput"), 0, S)]);
        save("AssembleForegroundInput",
            [Panels.Color(row.Numbers("SourceForegroundInput"), 0, S), Panels.Color(row.Numbers("SourceForegroundInput"), 3, S)]);
        save("AssembleTransferInput", [Panels.Color(row.Numbers("TargetTransferInput"), 0, S),
            Panels.Color(row.Numbers("TargetTransferInput"), 3, S)]);
        save("GenerateTransfer", [Panels.Color(row.Numbers("TargetColor"), 0, S), Panels.Grey(row.Numbers("TargetMask"), S),
            Panels.Color(row.Numbers("TargetBackground"), 0, S), row.Picture("TargetImage")]);
        save("ComposeIntoImage", [row.Picture("TargetImage"), row.Picture("TargetPhoto")]);
        save("MeasureTransferQuality", [source, Panels.Shown(row.Whole("SourceFaceIndex"), rows[^1].Whole("TargetFaceIndex"), S)]);

        var learned = t.FindPerson("Source", S)
            .Append(t.ImitateMotion(OwnModels.OpenGenerator(),
            new ImitateMotionOptions { ImageSize = S, PersonMaskColumnName = "SourcePersonMask" }));
        save("ImitateMotion", [source, .. DataRow.Read(learned.Fit(frames).Transform(frames)).Select(r => r.Picture("TargetImage"))]);
    }

    private static void PaintCouple(MLContext mlContext, IDataView couple, Action<string, PixelBuffer[]> save)
    {
        var both = mlContext.Transforms.FindPerson("Source", S).Append(mlContext.Transforms.FindPerson("Reference", S));
        DataRow swap = DataRow.Read(Run(
            both.Append(mlContext.Transforms.TransferAppearance(new TextureWarpGenerator(BodyModel.Default),
            new TransferAppearanceOptions { ImageSize = S, KeepIntermediate = true, Parts = ["upper"] }))))[0];
        save("TransferAppearance", [swap.Picture("SourceImage"), swap.Picture("ReferenceImage"), swap.Picture("TargetImage")]);
        save("ComputeAppearanceFlow", [Panels.Flow(swap.Numbers("T"), S), Panels.Flow(swap.Numbers("ReferenceT"), S),
            Panels.Grey(swap.Numbers("KeptMap"), S)]);
        DataRow lesson = DataRow.Read(Run(
            both.Append(mlContext.Transforms.RecoverBodyFlow(new RecoverBodyFlowOptions { ImageSize = S }))))[0];
        save("RecoverBodyFlow", [lesson.Picture("SourceImage"), lesson.Picture("ReferenceImage"),
            Panels.Color(lesson.Numbers("ReferenceTransferInput"), 0, S), Panels.Color(lesson.Numbers("ReferenceTransferInput"), 3, S)]);

        IDataView Run(IEstimator<ITransformer> chain) => chain.Fit(couple).Transform(couple);
    }

    private static void PaintViews(MLContext mlContext, IDataView turn, Action<string, PixelBuffer[]> save)
    {
        var chain = mlContext.Transforms.FindPerson("Source", S)
            .Append(mlContext.Transforms.SynthesizeView(new TextureWarpGenerator(BodyModel.Default),
            new SynthesizeViewOptions { ImageSize = S, KeepIntermediate = true }));
        List<DataRow> rows = DataRow.Read(chain.Fit(turn).Transform(turn));
        save("SynthesizeView", [.. rows.Select(r => r.Picture("TargetImage"))]);
        save("RotateBody", [.. rows.Select(r => Panels.Color(r.Numbers("TargetTransferInput"), 3, S))]);
    }

    private static void PaintSubject(MLContext mlContext, IDataView ben, IDataView motion, Action<string, PixelBuffer[]> save)
    {
        IDataView seen = mlContext.Transforms.FindPerson("", S).Fit(ben).Transform(ben);
        ITransformer subject = mlContext.Transforms.ImpersonateSubject(new TextureWarpGenerator(BodyModel.Default)).Fit(seen);
        IDataView poses = mlContext.Transforms.CopyColumns("Smpl", "ReferenceSmpl").Fit(motion).Transform(motion);
        save("ImpersonateSubject", [DataRow.Read(seen)[0].Picture("Image"), .. DataRow.Read(subject.Transform(poses))
            .Select(r => r.Picture("TargetImage"))]);
    }

    private sealed class Person
    {
        [AnySizeImage]
        public required MLImage SourcePhoto { get; init; }

        [AnySizeImage]
        public required MLImage ReferencePhoto { get; init; }

        [AnySizeImage]
        public required MLImage Photo { get; init; }

        [VectorType(17, 3)]
        public required float[] Keypoints { get; init; }
    }
}
