using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>Our own estimator for small pictures, with untrained weights by formula.</summary>
internal static class SmallPersonNetwork
{
    public const int PictureSize = 64;

    private static readonly Lazy<ModelPackage> s_package = new(() =>
    {
        NetworkGraph graph = PersonNetwork.Build(PictureSize);
        var manifest = new ModelManifest { Kind = ModelKind.SmplEstimator, ImageSize = PictureSize,
            PersonMargin = LearnedSmplEstimator.PersonMargin, Licence = "none", Redistributable = true };
        return LearnedSmplEstimator.Write(manifest, graph, Weights(graph), WeightStorage.Half);
    });

    public static ModelPackage Package() => s_package.Value;

    // Larger formula weights find key points all over the picture; biases set the presence and a valid camera.
    private static ArrayWeights Weights(NetworkGraph graph)
    {
        var weights = new ArrayWeights();
        INamedWeights formula = FormulaWeights.For(graph);
        foreach (GraphTensor weight in graph.Weights)
        {
            float[] values = new float[weight.Count];
            formula.Read(weight.Name, values);
            switch (weight.Name)
            {
                case "keypoints.weight":
                    for (int i = 0; i < values.Length; i++)
                        values[i] *= 40;
                    break;
                case "seen.bias":
                    Array.Fill(values, 3);
                    break;
                case "regressor.presence.bias":
                    (values[0], values[1]) = (4, -4);
                    break;
                case "regressor.camera_shape.bias":
                    values[0] = 1.5f;
                    break;
            }
            weights.Set(weight.Name, weight.Shape, values);
        }
        return weights;
    }
}
