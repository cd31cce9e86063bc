using System.Runtime.CompilerServices;
using Lwg.MLNet.Models;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms.Persistence;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The stages that are allowed in model files; no others are created when loading.</summary>
internal static class StageTable
{
    // Both estimates of FindPerson use the same network, which is opened once.
    private static readonly ConditionalWeakTable<ModelPackage, SmplEstimator> s_estimators = [];

    /// <summary>
    /// The stages by name. The version of a stage is increased if its earlier format would be misread or would change its meaning. The
    /// loader then reads older formats by <see cref="StageState.Version"/>, which is 0 for models saved before versions were introduced.
    /// docs/saved-models.md has the list.
    /// </summary>
    public static IReadOnlyDictionary<string, StageKind> Stages { get; } = new Dictionary<string, StageKind>
    {
        [FitSmplToKeypointsTransformer.Name] =
            new(1, (env, s) => new FitSmplToKeypointsTransformer(env, s.Options<FitSmplToKeypointsOptions>(), s.Body)),
        [EstimateSmplTransformer.Name] =
            new(1, (env, s) => new EstimateSmplTransformer(env, s.Options<EstimateSmplOptions>(EstimateSmplTransformer.CompleteOptions),
            EstimatorOf(s.NeededNetwork), s.BodyIfAny)),
        [DetectKeypointsTransformer.Name] = new(1, (env, s) =>
        {
            var options = s.Options<DetectKeypointsOptions>();
            return new DetectKeypointsTransformer(env, options,
                new KeypointDetector(s.NeededNetwork.Package, options.Network, s.NeededNetwork.Runtime));
        }),
        [CropPersonTransformer.Name] = new(1, (env, s) => new CropPersonTransformer(env, s.Options<CropPersonOptions>())),
        [ComposeIntoImageTransformer.Name] = new(1, (env, s) => new ComposeIntoImageTransformer(env,
            s.Options<ComposeIntoImageOptions>(ComposeIntoImageTransformer.CompleteOptions))),
        [RetargetSmplTransformer.Name] =
            new(1, (env, s) => new RetargetSmplTransformer(env, s.Options<RetargetSmplOptions>(), s.BodyIfAny)),
        [PoseBodyTransformer.Name] = new(1, (env, s) => new PoseBodyTransformer(env, s.Options<PoseBodyOptions>(), s.Body)),
        [RotateBodyTransformer.Name] = new(1, (env, s) => new RotateBodyTransformer(env, s.Options<RotateBodyOptions>())),
        [RenderBodyMeshTransformer.Name] =
            new(1, (env, s) => new RenderBodyMeshTransformer(env, s.Options<RenderBodyMeshOptions>(), s.Body)),
        [MeasureTransferQualityTransformer.Name] =
            new(1, (env, s) => new MeasureTransferQualityTransformer(env,
            s.Options<MeasureTransferQualityOptions>(MeasureTransferQualityTransformer.CompleteOptions), s.Body)),
        [LocateHeadAndBodyTransformer.Name] =
            new(1, (env, s) => new LocateHeadAndBodyTransformer(env, s.Options<LocateHeadAndBodyOptions>())),
        [ComputeTransformationFlowTransformer.Name] =
            new(1, (env, s) => new ComputeTransformationFlowTransformer(env, s.Options<ComputeTransformationFlowOptions>())),
        [ComputeAppearanceFlowTransformer.Name] =
            new(1, (env, s) => new ComputeAppearanceFlowTransformer(env, s.Options<ComputeAppearanceFlowOptions>(), s.Body)),
        [AssembleBackgroundInputTransformer.Name] =
            new(1, (env, s) => new AssembleBackgroundInputTransformer(env, s.Options<AssembleBackgroundInputOptions>())),
        [AssembleForegroundInputTransformer.Name] =
            new(1, (env, s) => new AssembleForegroundInputTransformer(env,
            s.Options<AssembleForegroundInputOptions>(AssembleForegroundInputTransformer.CompleteOptions))),
        [AssembleTransferInputTransformer.Name] =
            new(1, (env, s) => new AssembleTransferInputTransformer(env, s.Options<AssembleTransferInputOptions>())),
        [GenerateTransferTransformer.Name] =
            new(1, (env, s) => new GenerateTransferTransformer(env,
            s.Options<GenerateTransferOptions>(GenerateTransferTransformer.CompleteOptions), GenerateTransferTransformer.GeneratorOf(s))),
        [ImpersonateSubjectTransformer.Name] = new(1, (env, s) => new ImpersonateSubjectTransformer(
            env, s.Options<ImpersonateSubjectOptions>(), s.Body, s.Generator == GeneratorKind.TextureWarp ? null
            : new LiquidWarpingGenerator(s.NeededNetwork.Package, s.NeededNetwork.Runtime), s.People)),
    };

    private static SmplEstimator EstimatorOf(StageNetwork network)
    {
        lock (s_estimators)
        {
            if (!s_estimators.TryGetValue(network.Package, out SmplEstimator? estimator) || !Equals(estimator.Runtime, network.Runtime))
                s_estimators.AddOrUpdate(network.Package, estimator = SmplEstimator.Open(network.Package, network.Runtime));
            return estimator;
        }
    }
}

/// <summary>A stage that is allowed in model files.</summary>
/// <param name="Version">The current version of its format, which this library writes.</param>
/// <param name="Load">Creates the stage from its saved state.</param>
internal sealed record StageKind(int Version, Func<IHostEnvironment, StageState, ITransformer> Load);
