using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Tests.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.SavedModels;

/// <summary>
/// The code that made the saved models of Fixtures/SavedModels: see the README there. The files must not be made again: a new kind of
/// model gets a new case and new files.
/// </summary>
internal static class FrozenModels
{
    /// <summary>The subfolder of referenced files, and the file of the rows.</summary>
    public const string References = "references", Rows = "rows.npz";

    private const int S = FrozenRow.S;

    private static BodyModel Body => FrozenBody.Model;

    /// <summary>Writes the cases that are missing in a folder.</summary>
    public static void Make(string folder)
    {
        Directory.CreateDirectory(folder);
        string rowsFile = Path.Combine(folder, Rows), references = Path.Combine(folder, References);
        if (!File.Exists(rowsFile))
            FrozenRow.Write(rowsFile, FrozenRow.Make());
        if (!Directory.Exists(references))
        {
            Body.Save(Path.Combine(Directory.CreateDirectory(references).FullName, "frozen.npz"));
            Package(background: BackgroundComposition.AroundHole).SaveFolder(Path.Combine(references, "generator"));
        }
        var context = new MLContext(seed: 1);
        IDataView data = FrozenRow.Data(context, FrozenRow.Read(rowsFile));
        foreach ((string name, Func<IEstimator<ITransformer>> estimator, string[] columns) in Cases(context, references))
        {
            string zip = Path.Combine(folder, name + ".zip");
            if (File.Exists(zip))
                continue;
            ITransformer model = estimator().Fit(data);
            context.Model.Save(model, data.Schema, zip);
            using FileStream stream = File.Create(Path.ChangeExtension(zip, ".npz"));
            using var archive = new NumpyArchiveWriter(stream);
            IDataView made = model.Transform(data);
            foreach (string column in columns)
                FrozenOutput.Write(archive, made, column);
        }
    }

    private static IEnumerable<(string Name, Func<IEstimator<ITransformer>> Estimator, string[] Columns)> Cases(MLContext context,
        string references)
    {
        TransformsCatalog t = context.Transforms;
        string[] picture = ["TargetImage", "T"], layers = [.. picture, "TargetMask"];

        yield return ("crop-and-compose", () => Chain(
            t.CropPerson("Source", S), t.ComposeIntoImage(
            new ComposeIntoImageOptions { ImageColumnName = "SourceImage", ImageSize = S, Feather = 0.06f })),
            ["SourceImage", "SourceCropTransform", "SourceKeypoints", "TargetPhoto"]);
        yield return ("fit-and-find", () => Chain(
            t.FitSmplToKeypoints(new FitSmplToKeypointsOptions { OutputColumnName = "FittedSmpl", KeypointsColumnName = "SourceKeypoints",
            ImageColumnName = "SourceImage" }),
            t.FindPerson(Estimator(), "Source", S)),
            ["FittedSmpl", "FitError", "SourceImage", "SourceSmpl", "SourceUnrefinedSmpl", "SourceEstimatedKeypoints", "SourceEstimatedBox",
                "SourcePersonMask", "SourceConfidence", "SourcePersonStatus"]);
        yield return ("detect", () => t.DetectKeypoints(
            new DetectKeypointsOptions { ImageColumnName = "SourcePhoto", BoxColumnName = "Box",
            Network = PoseNetworks.Plain with { Refinement = PeakRefinement.Parabola } }, PoseNetwork(references)),
            ["Keypoints", "PersonScore"]);
        yield return ("estimate", () => t.EstimateSmpl(
            new EstimateSmplOptions { ImageColumnName = "SourcePhoto", KeypointsColumnName = "SourcePhotoKeypoints",
            OutputColumnName = "EstimatedSmpl", Margin = 0.1f }, new LearnedSmplEstimator(TinyEstimator.Package(withKeypoints: true))),
            ["EstimatedSmpl", "EstimatedKeypoints"]);
        yield return ("retarget", () => Chain(
            t.RetargetSmpl(), t.RetargetSmpl("ReferenceCamera", strategy: CameraStrategy.Copy),
            t.RetargetSmpl(new RetargetSmplOptions { OutputColumnName = "Upright", TPose = true })),
            ["TargetSmpl", "ReferenceCamera", "Upright"]);
        yield return ("render", () => Chain(
            t.PoseBody("Source", body: Body), t.RotateBody(),
            t.RenderBodyMesh(new RenderBodyMeshOptions { OutputPrefix = "Target", CameraColumnName = "SourceCamera", ImageSize = S,
            WithPartMap = true, WithFrontMap = true, WithHeadMap = true }, Body)),
            ["TargetVertices", "SourceJoints2D", "SourceJoints3D", "TargetFaceIndex", "TargetWeights", "TargetPoints", "TargetCondition",
                "TargetPartMap", "TargetFrontMap", "TargetHeadMap"]);
        yield return ("quality", () => Chain(
            t.PoseBody("Source", body: Body), t.PoseBody("Reference", body: Body), t.RenderBodyMesh("Source", S, Body),
            t.RenderBodyMesh("Reference", S, Body),
            t.MeasureTransferQuality(
                new MeasureTransferQualityOptions
                {
                    TargetFaceIndexColumnName = "ReferenceFaceIndex", PersonMaskColumnName = "PersonMask",
                    KeypointsColumnName = "SourceKeypoints", MinimumSurfaceShown = 0.5f,
                },
                Body)),
            ["SurfaceShown", "SilhouetteOverlap", "FitResidual", "Acceptable"]);
        yield return ("body-flow", () =>
            t.RecoverBodyFlow(new RecoverBodyFlowOptions { KeepIntermediate = true, ImageSize = S, BackgroundKernel = 5, OnlyVisible = true,
            AlignCorners = false }, Body),
            ["SourceBackgroundInput", "SourceForegroundInput", "ReferenceTransferInput", "T", "SourceCropMask", "ReferenceHeadBox",
                "ReferenceBodyBox"]);

        yield return ("imitate-texture", () =>
            t.ImitateMotion(new TextureWarpGenerator(Body),
            new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, WithLayers = true, PersonMaskColumnName = "PersonMask" },
            Body), layers);
        yield return ("imitate-liquid", () => t.ImitateMotion(
            Generator(), new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Strategy = CameraStrategy.Source, Sharp = false,
            WithLayers = true }, Body), [.. layers, "TargetColor", "TargetBackground", "SeenMap"]);
        yield return ("imitate-liquid-as-published", () => t.ImitateMotion(
            Generator(alignCorners: true), new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S,
            Strategy = CameraStrategy.Copy, FrontWarp = FrontWarpMode.AsPublished, OnlyVisible = true, BackgroundKernel = 13 }, Body),
            picture);
        yield return ("imitate-liquid-without-front", () => t.ImitateMotion(
            Generator(FeatureWarping.OneLevel),
            new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, FrontWarp = FrontWarpMode.None,
            BackgroundColor = new Rgb(200, 30, 60) }, Body), picture);
        yield return ("imitate-sharp", () => t.ImitateMotion(
            Generator(imageSize: 32), new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Strategy = CameraStrategy.Source,
            WithLayers = true }, Body), layers);
        yield return ("imitate-refined-fill", () => t.ImitateMotion(
            Generator(background: BackgroundComposition.RefinedFill),
            new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Sharp = false, PersonMaskColumnName = "PersonMask" }, Body),
            picture);
        yield return ("imitate-by-reference", () => t.ImitateMotion(
            new LiquidWarpingGenerator(ModelPackage.LoadFolder(Path.Combine(references, "generator")).ByReference()),
            new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Sharp = false }, Body.ByReference()), picture);

        yield return ("appearance-texture", () => t.TransferAppearance(
            new TextureWarpGenerator(Body),
            new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S, Parts = ["upper", "left leg"],
            BackgroundColor = new Rgb(10, 200, 30), WithLayers = true }, Body), [.. layers, "ReferenceT", "KeptMap"]);
        yield return ("appearance-liquid", () => t.TransferAppearance(
            Generator(), new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S, OnlyVisible = true, WithLayers = true },
            Body), [.. layers, "ReferenceT", "KeptMap"]);
        yield return ("appearance-liquid-as-published", () => t.TransferAppearance(
            Generator(alignCorners: true), new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S,
            KeptParts = FrontWarpMode.AsPublished }, Body), [.. picture, "ReferenceT", "KeptMap"]);
        yield return ("appearance-liquid-without-kept-parts", () => t.TransferAppearance(
            Generator(), new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S, KeptParts = FrontWarpMode.None,
            Parts = ["lower"] }, Body), picture);

        yield return ("view-texture", () => t.SynthesizeView(
            new TextureWarpGenerator(Body),
            new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S, Pose = ViewPose.TPose,
            BackgroundImageColumnName = "Backdrop", WithLayers = true }, Body), layers);
        yield return ("view-liquid", () => t.SynthesizeView(
            Generator(), new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S, OnlyVisible = true, WithLayers = true }, Body),
            layers);
        yield return ("view-liquid-as-published", () => t.SynthesizeView(
            Generator(alignCorners: true), new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S,
            FrontWarp = FrontWarpMode.AsPublished, TranslationColumnName = null }, Body), picture);

        yield return ("subject-texture", () =>
            Only(t.ImpersonateSubject(new TextureWarpGenerator(Body), new ImpersonateSubjectOptions { KeyColumnName = "Who" }, Body)),
            ["TargetImage", "TargetSmpl"]);
        yield return ("subject-liquid", () => Only(t.ImpersonateSubject(
            Generator(), new ImpersonateSubjectOptions { OutputPrefix = "Shown", Strategy = CameraStrategy.Smooth,
            OriginColumnName = "ReferenceOrigin" }, Body)), ["ShownImage", "ShownSmpl"]);

        // From here on, stages have versions, and people have separate entries.
        yield return ("subject-texture-1", () =>
            Only(t.ImpersonateSubject(new TextureWarpGenerator(Body), new ImpersonateSubjectOptions { KeyColumnName = "Who" }, Body)),
            ["TargetImage", "TargetSmpl"]);
    }

    private static EstimatorChain<ITransformer> Chain(params IEstimator<ITransformer>[] stages) =>
        stages.Aggregate(new EstimatorChain<ITransformer>(), (chain, stage) => chain.Append(stage));

    private static EstimatorChain<ITransformer> Only(IEstimator<ITransformer> stage) => Chain(stage);

    private static LearnedSmplEstimator Estimator() => new(FrozenEstimator.Package());

    private static string PoseNetwork(string references)
    {
        string file = Path.Combine(references, "pose.onnx");
        if (!File.Exists(file))
            File.WriteAllBytes(file, PoseNetworks.HeatMaps(48, 64));
        return file;
    }

    private static LiquidWarpingGenerator Generator(
        FeatureWarping warping = FeatureWarping.AllLevels, bool alignCorners = false, int imageSize = S,
        BackgroundComposition background = BackgroundComposition.WholePicture) =>
        new(Package(warping, alignCorners, imageSize, background));

    private static ModelPackage Package(
        FeatureWarping warping = FeatureWarping.AllLevels, bool alignCorners = false, int imageSize = S,
        BackgroundComposition background = BackgroundComposition.WholePicture) =>
        TinyGenerator.Package(TinyGenerator.Manifest(Body.Hash,
        new GeneratorShape { Width = 2, Blocks = 2, Warping = warping, AlignCorners = alignCorners },
        background) with { ImageSize = imageSize });
}
