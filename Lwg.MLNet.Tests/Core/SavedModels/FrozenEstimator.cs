using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Transforms;

namespace Lwg.MLNet.Tests.SavedModels;

/// <summary>An estimator of a few kilobytes with all outputs of our own: it always returns the same standing person, moved slightly by
/// the picture's colours.</summary>
internal static class FrozenEstimator
{
    private const int Size = 64, Channels = 4;

    public static ModelPackage Package()
    {
        var g = new GraphBuilder("frozen estimator");
        GraphValue image = g.Input(PersonNetwork.Image, -1, 3, Size, Size);
        GraphValue pooled = g.Flatten(g.AveragePool(g.Relu(g.Conv(image, "conv", Channels, 4, stride: 4, bias: true)), Size / 4), Channels);
        g.Output(g.Reshape(g.Linear(pooled, "keypoints", 51), 17, 0, 17, 3), LearnedSmplEstimator.KeypointsOutput, -1, 17, 3);
        g.Output(g.Sigmoid(g.Conv(image, "mask", 1, 4, stride: 4, bias: true)), PersonNetwork.Mask, -1, 1, Size / 4, Size / 4);
        g.Output(g.Reshape(g.Linear(pooled, "rotations", 144), 24, 0, 24, 6), PersonNetwork.Rotations, -1, 24, 6);
        g.Output(g.Linear(pooled, "numbers", 13), PersonNetwork.CameraAndShape, -1, 13);
        g.Output(g.Sigmoid(g.Linear(pooled, "presence", 2)), PersonNetwork.Presence, -1, 2);
        NetworkGraph graph = g.Build();
        float[] smpl = TestBody.Smpl(3);
        var weights = new ArrayWeights();
        foreach (GraphTensor weight in graph.Weights)
            weights.Set(weight.Name, weight.Shape, Values(weight, smpl));
        var manifest = new ModelManifest { Kind = ModelKind.SmplEstimator, ImageSize = Size,
            PersonMargin = LearnedSmplEstimator.PersonMargin, Licence = "none", Redistributable = true };
        return LearnedSmplEstimator.Write(manifest, graph, weights);
    }

    private static float[] Values(GraphTensor weight, float[] smpl)
    {
        switch (weight.Name)
        {
            case "keypoints.bias":
                float[] keypoints = TestBody.Keypoints(smpl, Size);
                for (int k = 0; k < 17; k++)
                    keypoints[3 * k + 2] = 0.9f;
                return keypoints;
            case "rotations.bias":
                float[] columns = new float[144], rotation = new float[9];
                for (int j = 0; j < 24; j++)
                {
                    Rotations.FromAxisAngle(smpl.AsSpan(SmplLayout.PoseOffset + 3 * j, 3), rotation);
                    for (int r = 0; r < 3; r++)
                        (columns[6 * j + r], columns[6 * j + 3 + r]) = (rotation[3 * r], rotation[3 * r + 1]);
                }
                return columns;
            case "numbers.bias":
                return [smpl[0], smpl[0] * smpl[1], smpl[0] * smpl[2], .. smpl[SmplLayout.ShapeOffset..]];
            case "presence.bias":
                return [4, -4];
            case "mask.bias" or "conv.bias":
                return new float[weight.Count];
        }
        float scale = weight.Name switch { "mask.weight" => 0.2f, "conv.weight" => 0.1f, _ => 0.01f };
        return [.. Enumerable.Range(0, (int)weight.Count).Select(i => scale * (i * 7 % 11 - 5) / 5f)];
    }
}
