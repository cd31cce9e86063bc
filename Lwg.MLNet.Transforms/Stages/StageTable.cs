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
    private static readonly ConditionalWeakTable<ModelPackage, ISmplEstimator> s_estimators = [];

    public static IReadOnlyDictionary<string, Func<IHostEnvironment, StageState, ITransformer>> Loaders { get; } = new Dictionary<string, Func<IHostEnvironment, StageState, ITransformer>>
    {
        [KeypointFittingTransformer.Name] = (env, s) => new KeypointFittingTransformer(env, s.Options<KeypointFittingOptions>(), s.Body),
        [SmplEstimatingTransformer.Name] = (env, s) => new SmplEstimatingTransformer(env, s.Options<SmplEstimatingOptions>(SmplEstimatingTransformer.CompleteOptions), EstimatorOf(s.NeededNetwork), s.BodyIfAny),
        [KeypointDetectingTransformer.Name] = (env, s) =>
        {
            var options = s.Options<KeypointDetectingOptions>();
            return new KeypointDetectingTransformer(env, options, new KeypointDetector(s.NeededNetwork.Package, options.Network, s.NeededNetwork.Runtime));
        },
        [PersonCroppingTransformer.Name] = (env, s) => new PersonCroppingTransformer(env, s.Options<PersonCroppingOptions>()),
        [ImageComposingTransformer.Name] = (env, s) => new ImageComposingTransformer(env, s.Options<ImageComposingOptions>()),
        [SmplRetargetingTransformer.Name] = (env, s) => new SmplRetargetingTransformer(env, s.Options<SmplRetargetingOptions>(), s.BodyIfAny),
        [BodyPosingTransformer.Name] = (env, s) => new BodyPosingTransformer(env, s.Options<BodyPosingOptions>(), s.Body),
        [BodyRotatingTransformer.Name] = (env, s) => new BodyRotatingTransformer(env, s.Options<BodyRotatingOptions>()),
        [BodyMeshRenderingTransformer.Name] = (env, s) => new BodyMeshRenderingTransformer(env, s.Options<BodyMeshRenderingOptions>(), s.Body),
        [TransferQualityTransformer.Name] = (env, s) => new TransferQualityTransformer(env, s.Options<TransferQualityOptions>(TransferQualityTransformer.CompleteOptions), s.Body),
        [HeadAndBodyLocatingTransformer.Name] = (env, s) => new HeadAndBodyLocatingTransformer(env, s.Options<HeadAndBodyLocatingOptions>()),
        [TransformationFlowTransformer.Name] = (env, s) => new TransformationFlowTransformer(env, s.Options<TransformationFlowOptions>()),
        [AppearanceFlowTransformer.Name] = (env, s) => new AppearanceFlowTransformer(env, s.Options<AppearanceFlowOptions>(), s.Body),
        [BackgroundInputAssemblingTransformer.Name] = (env, s) => new BackgroundInputAssemblingTransformer(env, s.Options<BackgroundInputAssemblingOptions>()),
        [ForegroundInputAssemblingTransformer.Name] = (env, s) => new ForegroundInputAssemblingTransformer(env, s.Options<ForegroundInputAssemblingOptions>(ForegroundInputAssemblingTransformer.CompleteOptions)),
        [TransferInputAssemblingTransformer.Name] = (env, s) => new TransferInputAssemblingTransformer(env, s.Options<TransferInputAssemblingOptions>()),
        [TransferGeneratingTransformer.Name] = (env, s) => new TransferGeneratingTransformer(env, s.Options<TransferGeneratingOptions>(TransferGeneratingTransformer.CompleteOptions), TransferGeneratingTransformer.GeneratorOf(s)),
        [SubjectImpersonatingTransformer.Name] = (env, s) => new SubjectImpersonatingTransformer(
            env, s.Options<SubjectImpersonatingOptions>(), s.Body, s.Network is { } n ? new LiquidWarpingGenerator(n.Package, n.Runtime) : null, SubjectFile.Read(s.Data)),
    };

    private static ISmplEstimator EstimatorOf(StageNetwork network)
    {
        lock (s_estimators)
        {
            if (!s_estimators.TryGetValue(network.Package, out ISmplEstimator? estimator) || !Equals(estimator.Runtime, network.Runtime))
                s_estimators.AddOrUpdate(network.Package, estimator = SmplEstimators.Open(network.Package, network.Runtime));
            return estimator;
        }
    }
}
