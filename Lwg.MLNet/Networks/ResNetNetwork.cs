namespace Lwg.MLNet.Networks;

/// <summary>
/// ResNet-18 (He et al. 2016) up to its third stage, whose features measure the perceptual distance of pictures (Zhang et al. 2018, 'The
/// unreasonable effectiveness of deep features'). Weight names are torchvision's, conv1.weight to layer3.1.bn2.running_var;
/// <see cref="ResNetWeights"/> reads the weights of the ML.NET package.
/// </summary>
internal static class ResNetNetwork
{
    /// <summary>The graph's input: [N,3,S,S], red, green and blue in [-1,1]; S is a multiple of 16.</summary>
    public const string Image = "Image";

    /// <summary>The number of which S must be a multiple.</summary>
    public const int SizeMultiple = 16;

    private const int Blocks = 2;

    private static readonly int[] s_channels = [64, 128, 256];

    /// <summary>The outputs of the stages, [N,64,S/4,S/4], [N,128,S/8,S/8] and [N,256,S/16,S/16].</summary>
    public static IReadOnlyList<string> Features { get; } = ["Stage1", "Stage2", "Stage3"];

    // The mean picture that the package's preprocessing subtracts, averaged over its pixels: red, green and blue from 0 to 255.
    private static ReadOnlySpan<float> Mean => [123.1516f, 115.9029f, 103.0626f];

    /// <summary>Builds the graph.</summary>
    public static NetworkGraph Build()
    {
        var g = new GraphBuilder("resnet18");
        float[] mean = [.. Mean];
        GraphValue middle = g.Reshape(g.Constant(Array.ConvertAll(mean, m => m / 127.5f - 1)), 3, 1, 3, 1, 1);
        GraphValue x = g.Sub(g.Input(Image, -1, 3, -1, -1), middle) with { Channels = 3 };
        x = g.MaxPool(g.Relu(g.BatchNorm(g.Conv(x, "conv1", 64, 7, stride: 2, padding: 3), "bn1")), 3, 3, 2, 2, [1, 1, 1, 1]);
        for (int stage = 0; stage < s_channels.Length; stage++)
        {
            for (int block = 0; block < Blocks; block++)
                x = Residual(g, x, $"layer{stage + 1}.{block}", s_channels[stage]);
            g.Output(x, Features[stage], -1, x.Channels, -1, -1);
        }
        return g.Build();
    }

    private static GraphValue Residual(GraphBuilder g, GraphValue x, string name, int channels)
    {
        bool halves = x.Channels != channels;
        GraphValue y = g.Relu(g.BatchNorm(g.Conv(x, name + ".conv1", channels, 3, stride: halves ? 2 : 1, padding: 1), name + ".bn1"));
        y = g.BatchNorm(g.Conv(y, name + ".conv2", channels, 3, padding: 1), name + ".bn2");
        GraphValue shortcut = halves ? g.BatchNorm(g.Conv(x, name + ".downsample.0", channels, 1, stride: 2), name + ".downsample.1") : x;
        return g.Relu(g.Add(y, shortcut));
    }
}
