using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>The smallest network that has an estimator's input and outputs.</summary>
internal static class TinyEstimator
{
    public const int PictureSize = 32;

    public static ModelManifest Manifest { get; } =
        new() { Kind = ModelKind.SmplEstimator, ImageSize = PictureSize, PersonMargin = 0.2f, Licence = "none", Redistributable = true };

    public static NetworkGraph Graph(bool withKeypoints)
    {
        var g = new GraphBuilder("tiny estimator");
        GraphValue x = g.Relu(g.Conv(g.Input(HmrNetwork.Image, -1, 3, PictureSize, PictureSize), "conv", 4, 4, stride: 4, bias: true));
        x = g.Flatten(g.AveragePool(x, 4), 16);
        g.Output(g.Linear(x, "theta", 85), HmrNetwork.Theta, -1, 85);
        if (withKeypoints)
            g.Output(g.Sigmoid(g.Reshape(g.Linear(x, "keypoints", 51), 17, 0, 17, 3)), LearnedSmplEstimator.KeypointsOutput, -1, 17, 3);
        return g.Build();
    }

    public static ModelPackage Package(bool withKeypoints = false)
    {
        NetworkGraph graph = Graph(withKeypoints);
        return LearnedSmplEstimator.Write(Manifest, graph, FormulaWeights.For(graph));
    }
}
