namespace Lwg.MLNet.Networks;

/// <summary>
/// ResNet-18 (He et al. 2016). Up to its third stage its features measure the perceptual distance of pictures (Zhang et al. 2018, 'The
/// unreasonable effectiveness of deep features'); all four are the encoder of <see cref="PersonNetwork"/>. Weight names are torchvision's,
/// conv1.weight to layer4.1.bn2.running_var; <see cref="ResNetWeights"/> reads the weights of the ML.NET package.
/// </summary>
internal static class ResNetNetwork
{
    /// <summary>The graph's input: [N,3,S,S], red, green and blue in [-1,1]; S is a multiple of 16.</summary>
    public const string Image = "Image";

    /// <summary>The required divisor of S.</summary>
    public const int SizeMultiple = 16;

    /// <summary>The number of stages.</summary>
    public const int StageCount = 4;

    private const int Blocks = 2;

    private static readonly int[] s_channels = [64, 128, 256, 512];

    /// <summary>The outputs of the stages, [N,64,S/4,S/4], [N,128,S/8,S/8] and [N,256,S/16,S/16].</summary>
    public static IReadOnlyList<string> Features { get; } = ["Stage1", "Stage2", "Stage3"];

    /// <summary>The number of channels of each stage.</summary>
    public static ReadOnlySpan<int> Channels => s_channels;

    // The mean picture that the package's preprocessing subtracts, averaged over its pixels: red, green and blue from 0 to 255.
    private static ReadOnlySpan<float> Mean => [123.1516f, 115.9029f, 103.0626f];

    /// <summary>Builds the graph of the features.</summary>
    public static NetworkGraph Build()
    {
        var g = new GraphBuilder("resnet18");
        GraphValue[] levels = Levels(g, g.Input(Image, -1, 3, -1, -1), Features.Count, folded: false);
        for (int stage = 0; stage < Features.Count; stage++)
            g.Output(levels[stage + 1], Features[stage], -1, s_channels[stage], -1, -1);
        return g.Build();
    }

    /// <summary>Adds the network to a graph.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="image">The picture, in [-1,1].</param>
    /// <param name="stages">The number of stages, 1 to 4.</param>
    /// <param name="folded">Whether each convolution has biases in place of its normalisation, as <see cref="ResNetWeights.Folded"/>
    /// returns them.</param>
    /// <param name="prefix">Precedes the names of the weights.</param>
    /// <returns>The first convolution's output [N,64,S/2,S/2], then that of each stage.</returns>
    public static GraphValue[] Levels(GraphBuilder g, GraphValue image, int stages, bool folded, string prefix = "")
    {
        float[] mean = [.. Mean];
        GraphValue middle = g.Reshape(g.Constant(Array.ConvertAll(mean, m => m / 127.5f - 1)), 3, 1, 3, 1, 1);
        GraphValue x = g.Sub(image, middle) with { Channels = 3 };
        var levels = new GraphValue[stages + 1];
        levels[0] = g.Relu(Normalised(x, "conv1", "bn1", 64, 7, 2));
        x = g.MaxPool(levels[0], 3, 3, 2, 2, [1, 1, 1, 1]);
        for (int stage = 0; stage < stages; stage++)
        {
            for (int block = 0; block < Blocks; block++)
                x = Residual(x, $"layer{stage + 1}.{block}", s_channels[stage]);
            levels[stage + 1] = x;
        }
        return levels;

        GraphValue Residual(GraphValue x, string name, int channels)
        {
            bool halves = x.Channels != channels;
            GraphValue y = g.Relu(Normalised(x, name + ".conv1", name + ".bn1", channels, 3, halves ? 2 : 1));
            y = Normalised(y, name + ".conv2", name + ".bn2", channels, 3, 1);
            GraphValue shortcut = halves ? Normalised(x, name + ".downsample.0", name + ".downsample.1", channels, 1, 2) : x;
            return g.Relu(g.Add(y, shortcut));
        }

        GraphValue Normalised(GraphValue x, string layer, string norm, int channels, int kernel, int stride)
        {
            GraphValue y = g.Conv(x, prefix + layer, channels, kernel, stride, kernel / 2, bias: folded);
            return folded ? y : g.BatchNorm(y, prefix + norm);
        }
    }

    /// <summary>Returns the names of the convolutions and of their normalisations, in the order in which the package's file computes
    /// them: a stage's shortcut precedes its block.</summary>
    /// <param name="stages">The number of stages, 1 to 4.</param>
    public static IEnumerable<(string Convolution, string Normalisation)> Layers(int stages)
    {
        yield return ("conv1", "bn1");
        for (int stage = 1; stage <= stages; stage++)
        {
            if (stage > 1)
                yield return ($"layer{stage}.0.downsample.0", $"layer{stage}.0.downsample.1");
            for (int block = 0; block < Blocks; block++)
            {
                yield return ($"layer{stage}.{block}.conv1", $"layer{stage}.{block}.bn1");
                yield return ($"layer{stage}.{block}.conv2", $"layer{stage}.{block}.bn2");
            }
        }
    }
}
