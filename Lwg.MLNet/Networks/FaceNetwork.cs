namespace Lwg.MLNet.Networks;

/// <summary>
/// The network of 20 layers that tells faces apart (Liu et al. 2017, 'SphereFace', table 2), whose features the face loss compares (Liu et
/// al. 2019, section 3.3).
/// Weight names are those of its usual port to PyTorch, conv1_1.weight to fc5.bias; the weights are the user's to supply.
/// </summary>
internal static class FaceNetwork
{
    /// <summary>The graph's input, [N,3,112,96], blue, green and red in [-1,1] times <see cref="Scale"/>; and its output,
    /// [N,512].</summary>
    public const string Image = "Image", Features = "Features";

    /// <summary>Height and width of its pictures, and what it makes.</summary>
    public const int Height = 112, Width = 96, FeatureCount = 512;

    /// <summary>It reads (v - 127.5) / 128 of bytes v.</summary>
    public const float Scale = 127.5f / 128;

    // Residual pairs that follow each halving.
    private static readonly (int Channels, int Pairs)[] s_blocks = [(64, 1), (128, 2), (256, 4), (512, 1)];

    /// <summary>The graph.</summary>
    public static NetworkGraph Build()
    {
        var g = new GraphBuilder("sphereface20");
        GraphValue x = g.Input(Image, -1, 3, Height, Width);
        for (int block = 1; block <= s_blocks.Length; block++)
        {
            (int channels, int pairs) = s_blocks[block - 1];
            int layer = 1;
            GraphValue Next(GraphValue value, int stride)
            {
                string name = $"{block}_{layer++}";
                return g.PRelu(g.Conv(value, "conv" + name, channels, 3, stride, padding: 1, bias: true), "relu" + name);
            }
            x = Next(x, 2);
            for (int pair = 0; pair < pairs; pair++)
                x = g.Add(x, Next(Next(x, 1), 1));
        }
        const int Cells = (Height >> 4) * (Width >> 4);
        g.Output(g.Linear(g.Flatten(x, s_blocks[^1].Channels * Cells), "fc5", FeatureCount), Features, -1, FeatureCount);
        return g.Build();
    }
}
