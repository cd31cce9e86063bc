using System.Runtime.CompilerServices;
using Lwg.MLNet.Models;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms.Persistence;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The stages that a model file may name: the only ones that loading makes.</summary>
internal static class StageTable
{
    // Both looks of FindPerson have the same network: what a model file holds once is opened once.
    private static readonly ConditionalWeakTable<ModelPackage, SmplEstimator> s_estimators = [];

    public static IReadOnlyDictionary<string, Func<IHostEnvironment, StageState, ITransformer>> Loaders { get; } = new Dictionary<string, Func<IHostEnvironment, StageState, ITransformer>>
    {
        [FitSmplToKeypointsTransformer.Name] = (env, s) => new FitSmplToKeypointsTransformer(env, s.Options<FitSmplToKeypointsOptions>(), s.Body),
        [EstimateSmplTransformer.Name] = (env, s) => new EstimateSmplTransformer(env, s.Options<EstimateSmplOptions>(EstimateSmplTransformer.CompleteOptions), EstimatorOf(s.NeededNetwork), s.BodyIfAny),
        [DetectKeypointsTransformer.Name] = (env, s) =>
        {
            var options = s.Options<DetectKeypointsOptions>();
            return new DetectKeypointsTransformer(env, options, new KeypointDetector(s.NeededNetwork.Package, options.Network, s.NeededNetwork.Runtime));
        },
        [CropPersonTransformer.Name] = (env, s) => new CropPersonTransformer(env, s.Options<CropPersonOptions>()),
        [ComposeIntoImageTransformer.Name] = (env, s) => new ComposeIntoImageTransformer(env, s.Options<ComposeIntoImageOptions>()),
        [RetargetSmplTransformer.Name] = (env, s) => new RetargetSmplTransformer(env, s.Options<RetargetSmplOptions>(), s.BodyIfAny),
        [PoseBodyTransformer.Name] = (env, s) => new PoseBodyTransformer(env, s.Options<PoseBodyOptions>(), s.Body),
        [RotateBodyTransformer.Name] = (env, s) => new RotateBodyTransformer(env, s.Options<RotateBodyOptions>()),
        [RenderBodyMeshTransformer.Name] = (env, s) => new RenderBodyMeshTransformer(env, s.Options<RenderBodyMeshOptions>(), s.Body),
        [MeasureTransferQualityTransformer.Name] = (env, s) => new MeasureTransferQualityTransformer(env, s.Options<MeasureTransferQualityOptions>(MeasureTransferQualityTransformer.CompleteOptions), s.Body),
        [LocateHeadAndBodyTransformer.Name] = (env, s) => new LocateHeadAndBodyTransformer(env, s.Options<LocateHeadAndBodyOptions>()),
        [ComputeTransformationFlowTransformer.Name] = (env, s) => new ComputeTransformationFlowTransformer(env, s.Options<ComputeTransformationFlowOptions>()),
        [ComputeAppearanceFlowTransformer.Name] = (env, s) => new ComputeAppearanceFlowTransformer(env, s.Options<ComputeAppearanceFlowOptions>(), s.Body),
        [AssembleBackgroundInputTransformer.Name] = (env, s) => new AssembleBackgroundInputTransformer(env, s.Options<AssembleBackgroundInputOptions>()),
        [AssembleForegroundInputTransformer.Name] = (env, s) => new AssembleForegroundInputTransformer(env, s.Options<AssembleForegroundInputOptions>(AssembleForegroundInputTransformer.CompleteOptions)),
        [AssembleTransferInputTransformer.Name] = (env, s) => new AssembleTransferInputTransformer(env, s.Options<AssembleTransferInputOptions>()),
        [GenerateTransferTransformer.Name] = (env, s) => new GenerateTransferTransformer(env, s.Options<GenerateTransferOptions>(GenerateTransferTransformer.CompleteOptions), GenerateTransferTransformer.GeneratorOf(s)),
        [ImpersonateSubjectTransformer.Name] = (env, s) => new ImpersonateSubjectTransformer(
            env, s.Options<ImpersonateSubjectOptions>(), s.Body, s.Network is { } n ? new LiquidWarpingGenerator(n.Package, n.Runtime) : null, SubjectFile.Read(s.Data)),
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
