namespace Lwg.MLNet.Networks;

/// <summary>
/// The PatchGAN discriminator (Isola et al. 2017; Liu et al. 2019, section 3.3): six 4 x 4 convolutions with biases, leaky relu 0.2,
/// instance norm without scale on the middle four. Weight names are those of the published checkpoints.
/// </summary>
internal static class PatchDiscriminator
{
    /// <summary>The names of the graph's input and output.</summary>
    public const string Input = "PictureAndCondition", Verdict = "Verdict";

    /// <summary>Builds the graph: PictureAndCondition [N,C,S,S] to Verdict [N,1,s,s], one value per patch, no activation.</summary>
    /// <param name="channels">C, 6 for picture and condition.</param>
    /// <param name="width">n, the channels of the first layer; 64 in the published models.</param>
    /// <param name="layers">The number of convolutions that halve the picture; 4 in the published models.</param>
    public static NetworkGraph Build(int channels = 6, int width = 64, int layers = 4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        var g = new GraphBuilder("discriminator");
        GraphValue x = g.LeakyRelu(g.Conv(g.Input(Input, -1, channels, -1, -1), "model.0", width, 4, stride: 2, padding: 1, bias: true),
            0.2f);
        for (int k = 1; k <= layers; k++)
        {
            GraphValue y = g.Conv(x, $"model.{3 * k - 1}", width * Math.Min(1 << k, 8), 4, stride: k < layers ? 2
                : 1, padding: 1, bias: true);
            x = g.LeakyRelu(g.InstanceNorm(y), 0.2f);
        }
        g.Output(g.Conv(x, $"model.{3 * layers + 2}", 1, 4, padding: 1, bias: true), Verdict, -1, 1, -1, -1);
        return g.Build();
    }
}
