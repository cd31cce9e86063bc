using System.Reflection;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Models;

/// <summary>The built-in networks, which are embedded in this assembly under the MIT licence.</summary>
public static class OwnModels
{
    private static readonly Lazy<ModelPackage> s_generator = new(() => Load("generator")), s_estimator = new(() => Load("estimator"));

    /// <summary>The package of the generator: manifest and ONNX files.</summary>
    public static ModelPackage Generator => s_generator.Value;

    /// <summary>The package of the person estimator: manifest and ONNX file.</summary>
    public static ModelPackage Estimator => s_estimator.Value;

    /// <summary>Opens the generator. It creates the picture of a source person in a target pose at 256 x 256 pixels, or larger with
    /// detail from the source.</summary>
    /// <param name="runtime">The settings of its networks; null for the defaults.</param>
    /// <exception cref="LwgException">The application has no ONNX Runtime.</exception>
    public static LiquidWarpingGenerator OpenGenerator(NetworkRuntimeOptions? runtime = null) => new(Generator, runtime);

    /// <summary>Opens the estimator. It estimates a person's place in the picture, key points, mask, pose and shape.</summary>
    /// <param name="runtime">The settings of its network; null for the defaults.</param>
    /// <exception cref="LwgException">The application has no ONNX Runtime.</exception>
    public static SmplEstimator OpenEstimator(NetworkRuntimeOptions? runtime = null) => SmplEstimator.Open(Estimator, runtime);

    private static ModelPackage Load(string model) => ModelPackage.Load(
        name => Assembly.GetExecutingAssembly().GetManifestResourceStream($"{model}/{name}"), $"Lwg.MLNet.Models, {model}");
}
