namespace Lwg.MLNet.Networks;

/// <summary>
/// The face recognition network of 20 layers (Liu et al. 2017, 'SphereFace', table 2), whose features the face loss compares (Liu et al.
/// 2019, section 3.3). Weight names are those of its usual PyTorch port, conv1_1.weight to fc5.bias; the user supplies the weights.
/// </summary>
internal static class FaceNetwork
{
    /// <summary>The graph's input, [N,3,112,96], blue, green and red in [-1,1] times <see cref="Scale"/>; and its output,
    /// [N,512].</summary>
    public const string Image = "Image", Features = "Features";

    /// <summary>The height and width of its pictures, and the number of its features.</summary>
    public const int Height = 112, Width = 96, FeatureCount = 512;

    /// <summary>The factor from [-1,1] to the network's input, which is (v - 127.5) / 128 for bytes v.</summary>
    public const float Scale = 127.5f / 128;

    // The number of residual pairs after each halving.
    private static readonly (int Channels, int Pairs)[] s_blocks = [(64, 1), (128, 2), (256, 4), (512, 1)];

    /// <summary>Builds the graph.</summary>
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
