using System.Reflection;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Models;

/// <summary>The library's own networks, which this assembly holds; anybody may use them and pass them on (MIT).</summary>
public static class OwnModels
{
    private static readonly Lazy<ModelPackage> s_generator = new(() => Load("generator")), s_estimator = new(() => Load("estimator"));

    /// <summary>The generator as it is packed: manifest and ONNX files.</summary>
    public static ModelPackage Generator => s_generator.Value;

    /// <summary>The estimator of people as it is packed: manifest and ONNX file.</summary>
    public static ModelPackage Estimator => s_estimator.Value;

    /// <summary>Opens the generator: the picture of a source person in a target pose, 256 x 256 pixels and, with the source's own detail,
    /// larger.</summary>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="LwgException">The application has no ONNX Runtime.</exception>
    public static LiquidWarpingGenerator OpenGenerator(NetworkRuntimeOptions? runtime = null) => new(Generator, runtime);

    /// <summary>Opens the estimator: where in a picture the person is, key points, mask, pose and shape.</summary>
    /// <param name="runtime">How its network runs; null for the defaults.</param>
    /// <exception cref="LwgException">The application has no ONNX Runtime.</exception>
    public static SmplEstimator OpenEstimator(NetworkRuntimeOptions? runtime = null) => SmplEstimator.Open(Estimator, runtime);

    private static ModelPackage Load(string model) => ModelPackage.Load(
        name => Assembly.GetExecutingAssembly().GetManifestResourceStream($"{model}/{name}"), $"Lwg.MLNet.Models, {model}");
}
