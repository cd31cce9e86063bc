namespace Lwg.MLNet.Networks;

/// <summary>
/// A background inpainter with gated convolutions (Yu et al. 2019, 'Free-Form Image Inpainting with Gated Convolution'): a coarse pass,
/// then a refining one with self-attention (Zhang et al. 2019). Layers and weight names are those of the background net published with
/// Liquid Warping GAN.
/// </summary>
internal static class InpaintingNetwork
{
    /// <summary>The names of the graph's inputs and outputs.</summary>
    public const string Image = "Image", Hole = "Hole", Coarse = "Coarse", Refined = "Refined";

    /// <summary>The channels of the first layer in the published model.</summary>
    public const int DefaultWidth = 32;

    /// <summary>
    /// Builds the graph: Image [N,3,H,W] in [-1,1] and Hole [N,1,H,W] (1 where pixels are to be generated) to Coarse and Refined, both
    /// [N,3,H,W] in [-1,1]; H and W are multiples of 4. The whole refined picture is the background.
    /// </summary>
    /// <param name="width">c, the channels of the first layer; a multiple of 2.</param>
    public static NetworkGraph Build(int width = DefaultWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 2);
        if (width % 2 != 0)
            throw new ArgumentOutOfRangeException(nameof(width), width, "The width must be a multiple of 2.");
        var g = new GraphBuilder("inpainter");
        GraphValue image = g.Input(Image, -1, 3, -1, -1), hole = g.Input(Hole, -1, 1, -1, -1);
        GraphValue outside = g.Mul(image, g.Sub(g.Constant(1f), hole));

        GraphValue x = g.Concat(g.Add(outside, hole), hole);
        x = Gated(g, x, "coarse_net.0", width, 5, padding: 2);
        x = Gated(g, x, "coarse_net.1", 2 * width, 4, stride: 2);
        x = Gated(g, x, "coarse_net.2", 2 * width, 3);
        x = Gated(g, x, "coarse_net.3", 4 * width, 4, stride: 2);
        x = Middle(g, x, "coarse_net", 4, 4 * width);
        GraphValue coarse = Clip(g, Upsample(g, x, "coarse_net", 10, width));
        g.Output(coarse, Coarse, -1, 3, -1, -1);

        x = g.Concat(g.Add(outside, g.Mul(coarse, hole)), hole);
        x = Gated(g, x, "refine_conv_net.0", width, 5, padding: 2);
        x = Gated(g, x, "refine_conv_net.1", width, 4, stride: 2);
        x = Gated(g, x, "refine_conv_net.2", 2 * width, 3);
        x = Gated(g, x, "refine_conv_net.3", 2 * width, 4, stride: 2);
        x = Gated(g, x, "refine_conv_net.4", 4 * width, 3);
        x = Middle(g, x, "refine_conv_net", 5, 4 * width);
        x = SelfAttention(g, x, "refine_attn");
        g.Output(Clip(g, Upsample(g, x, "refine_upsample_net", 0, width)), Refined, -1, 3, -1, -1);
        return g.Build();
    }

    /// <summary>Adds two plain layers and four with growing dilation.</summary>
    private static GraphValue Middle(GraphBuilder g, GraphValue x, string net, int layer, int channels)
    {
        x = Gated(g, x, $"{net}.{layer++}", channels, 3);
        x = Gated(g, x, $"{net}.{layer++}", channels, 3);
        foreach (int dilation in (int[])[2, 4, 8, 16])
            x = Gated(g, x, $"{net}.{layer++}", channels, 3, padding: dilation, dilation: dilation);
        return x;
    }

    /// <summary>Adds two plain layers, then enlarges to the picture's size and three channels.</summary>
    private static GraphValue Upsample(GraphBuilder g, GraphValue x, string net, int layer, int width)
    {
        x = Gated(g, x, $"{net}.{layer++}", 4 * width, 3);
        x = Gated(g, x, $"{net}.{layer++}", 4 * width, 3);
        x = Gated(g, g.DoubleNearest(x), $"{net}.{layer++}.conv2d", 2 * width, 3);
        x = Gated(g, x, $"{net}.{layer++}", 2 * width, 3);
        x = Gated(g, g.DoubleNearest(x), $"{net}.{layer++}.conv2d", width, 3);
        x = Gated(g, x, $"{net}.{layer++}", width / 2, 3);
        return Gated(g, x, $"{net}.{layer}", 3, 3, activated: false);
    }

    /// <summary>Adds features times a learned soft mask, then a batch norm.</summary>
    private static GraphValue Gated(GraphBuilder g, GraphValue x, string layer, int channels, int kernel, int stride = 1, int padding = 1,
        int dilation = 1, bool activated = true)
    {
        GraphValue features = g.Conv(x, layer + ".conv2d", channels, kernel, stride, padding, dilation, bias: true);
        GraphValue mask = g.Sigmoid(g.Conv(x, layer + ".mask_conv2d", channels, kernel, stride, padding, dilation, bias: true));
        return g.BatchNorm(g.Mul(activated ? g.LeakyRelu(features, 0.2f) : features, mask), layer + ".batch_norm2d");
    }

    /// <summary>Adds gamma * (the values of all positions, weighted by how well their keys match this position's query) + x.</summary>
    private static GraphValue SelfAttention(GraphBuilder g, GraphValue x, string layer)
    {
        int channels = x.Channels, inner = channels / 8;
        GraphValue Places(string part, int count) => g.Reshape(g.Conv(x, $"{layer}.{part}", count, 1, bias: true), count, 0, 0, -1);

        GraphValue query = g.Transpose(Places("query_conv", inner), 0, 2, 1), key = Places("key_conv", inner),
            value = Places("value_conv", channels);
        GraphValue attention = g.Softmax(g.MatMul(query, key), -1);
        GraphValue gathered = g.ReshapeLike(g.MatMul(value, g.Transpose(attention, 0, 2, 1)), x);
        return g.Add(g.Mul(gathered, g.Weight(layer + ".gamma", 1)), x);
    }

    private static GraphValue Clip(GraphBuilder g, GraphValue x) => g.Clip(x, -1, 1);
}
