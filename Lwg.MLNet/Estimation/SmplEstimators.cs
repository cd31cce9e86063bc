using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation;

/// <summary>Opens estimators by what their manifests say they are.</summary>
public static class SmplEstimators
{
    /// <summary>Opens an estimator: the library's own or an imported HMR (<see cref="LearnedSmplEstimator"/>), or BlazePose (<see cref="BlazePoseEstimator"/>).</summary>
    /// <param name="package">The model.</param>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="ModelFileException">It is no estimator, or its networks are damaged.</exception>
    public static ISmplEstimator Open(ModelPackage package, NetworkRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        return package.Manifest.Kind == ModelKind.BlazePose ? new BlazePoseEstimator(package, runtime) : new LearnedSmplEstimator(package, runtime);
    }

    /// <summary>Says in a sentence which estimator it is.</summary>
    /// <param name="estimator">The estimator.</param>
    public static string Describe(ISmplEstimator estimator)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return estimator.Package switch
        {
            { Manifest: { Kind: ModelKind.BlazePose, Variant: var variant } } package => $"People are found by BlazePose ({variant}) of '{package.Source}'.",
            { } package => $"People are found by the estimator of '{package.Source}'.",
            null => $"People are found by {estimator.GetType().Name}.",
        };
    }
}
