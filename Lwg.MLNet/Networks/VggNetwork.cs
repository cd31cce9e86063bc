namespace Lwg.MLNet.Networks;

/// <summary>
/// VGG-19 (Simonyan and Zisserman 2015) up to its last block's first layer, whose features the perceptual loss compares (Johnson et al. 2016; Liu et al. 2019,
/// section 3.3). Weight names are torchvision's, features.0.weight to features.28.bias; the weights are the user's to supply.
/// </summary>
internal static class VggNetwork
{
    /// <summary>The graph's input: [N,3,S,S], of ImageNet's mean and deviation.</summary>
    public const string Image = "Image";

    /// <summary>Means of ImageNet's red, green and blue in [0,1].</summary>
    public static ReadOnlySpan<float> Mean => [0.485f, 0.456f, 0.406f];

    /// <summary>Deviations of ImageNet's red, green and blue in [0,1].</summary>
    public static ReadOnlySpan<float> Deviation => [0.229f, 0.224f, 0.225f];

    /// <summary>The outputs: the first rectified layer of each block, of 64, 128, 256, 512 and 512 channels, each block half as wide as the one before.</summary>
    public static IReadOnlyList<string> Features { get; } = ["Relu1_1", "Relu2_1", "Relu3_1", "Relu4_1", "Relu5_1"];

    private static readonly (int Channels, int Layers)[] s_blocks = [(64, 2), (128, 2), (256, 4), (512, 4), (512, 1)];

    /// <summary>The graph.</summary>
    public static NetworkGraph Build()
    {
        var g = new GraphBuilder("vgg19");
        GraphValue x = g.Input(Image, -1, 3, -1, -1);
        int layer = 0;
        for (int block = 0; block < s_blocks.Length; block++)
        {
            (int channels, int layers) = s_blocks[block];
            if (block > 0)
            {
                x = g.MaxPool(x, 2, 2);
                layer++;
            }
            for (int k = 0; k < layers; k++)
            {
                x = g.Relu(g.Conv(x, $"features.{layer}", channels, 3, padding: 1, bias: true));
                layer += 2;
                if (k == 0)
                    g.Output(x, Features[block], -1, channels, -1, -1);
            }
        }
        return g.Build();
    }
}
