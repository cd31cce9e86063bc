namespace Lwg.MLNet.Networks;

/// <summary>
/// The SMPL estimator of 'End-to-end Recovery of Human Shape and Pose' (Kanazawa et al. 2018, section 3.2): a ResNet-50 with
/// normalisation before the convolutions (He et al. 2016b, as in TensorFlow) and a regressor that corrects a mean person three times.
/// Weight names are those of the published PyTorch checkpoints.
/// </summary>
internal static class HmrNetwork
{
    /// <summary>The names of the graph's input and output.</summary>
    public const string Image = "Image", Theta = "Theta";

    /// <summary>The side of its pictures in pixels.</summary>
    public const int ImageSize = 224;

    /// <summary>The channels of the trunk's output.</summary>
    public const int FeatureCount = 2048;

    private const int ThetaCount = 85, Hidden = 1024, Rounds = 3, Expansion = 4;

    /// <summary>Builds the graph: Image [N,3,224,224] in [-1,1] to Theta [N,85]: camera (s, tx, ty) of the 224 square, pose 72, shape
    /// 10.</summary>
    public static NetworkGraph Build()
    {
        var g = new GraphBuilder("hmr");
        GraphValue x = Stem(g, g.Input(Image, -1, 3, ImageSize, ImageSize));
        for (int stage = 1; stage <= 4; stage++)
            x = Stage(g, x, stage);
        g.Output(Regress(g, Features(g, x)), Theta, -1, ThetaCount);
        return g.Build();
    }

    /// <summary>Adds the first convolution and the pooling: [N,3,224,224] to [N,64,56,56].</summary>
    internal static GraphValue Stem(GraphBuilder g, GraphValue image) =>
        g.MaxPool(g.Conv(image, "resnet.conv1", 64, 7, stride: 2, padding: 3, bias: true), 3, 2, ceil: true);

    /// <summary>Adds stage 1 to 4 of the trunk; the stride is in its last block, and stage 4 has none.</summary>
    internal static GraphValue Stage(GraphBuilder g, GraphValue x, int stage)
    {
        int blocks = stage switch { 1 => 3, 2 => 4, 3 => 6, _ => 3 };
        for (int block = 0; block < blocks; block++)
            x = Bottleneck(g, x, $"resnet.layer{stage}.{block}", 32 << stage, stride: block == blocks - 1 && stage < 4 ? 2 : 1);
        return x;
    }

    /// <summary>Adds the trunk's end: [N,2048,7,7] to [N,2048].</summary>
    internal static GraphValue Features(GraphBuilder g, GraphValue x) =>
        g.Flatten(g.AveragePool(g.Relu(g.BatchNorm(x, "resnet.post_bn")), 7), FeatureCount);

    private static GraphValue Bottleneck(GraphBuilder g, GraphValue x, string name, int planes, int stride)
    {
        GraphValue first = g.Relu(g.BatchNorm(x, name + ".bn1"));
        GraphValue shortcut = x.Channels != planes * Expansion
            ? g.Conv(first, name + ".shortcut.0", planes * Expansion, 1, stride, bias: true)
            : stride > 1 ? g.MaxPool(x, 1, stride)
            : x;
        GraphValue y = g.Conv(first, name + ".conv1", planes, 1);
        y = g.Conv(g.Relu(g.BatchNorm(y, name + ".bn2")), name + ".conv2", planes, 3, stride, padding: 1);
        y = g.Conv(g.Relu(g.BatchNorm(y, name + ".bn3")), name + ".conv3", planes * Expansion, 1, bias: true);
        return g.Add(y, shortcut);
    }

    private static GraphValue Regress(GraphBuilder g, GraphValue features)
    {
        GraphValue theta = g.RepeatRows("regressor.mean_theta", ThetaCount, features);
        for (int round = 0; round < Rounds; round++)
        {
            GraphValue y = g.Relu(g.Linear(g.Concat(features, theta), "regressor.fc_blocks.fc1", Hidden));
            y = g.Relu(g.Linear(y, "regressor.fc_blocks.fc2", Hidden));
            theta = g.Add(theta, g.Linear(y, "regressor.fc_blocks.fc3", ThetaCount));
        }
        return theta;
    }
}
