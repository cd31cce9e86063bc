namespace Lwg.MLNet.Networks.Imported;

/// <summary>Converts the weights of convolutions to this library's order. Weights of an unexpected length are returned unchanged, and the
/// graph rejects them.</summary>
internal static class KernelOrder
{
    /// <summary>Swaps the last two of three dimensions.</summary>
    public static float[] Exchanged(float[] weights, int outer, int middle, int inner)
    {
        if (weights.Length != (long)outer * middle * inner)
            return weights;
        float[] turned = new float[weights.Length];
        for (int o = 0, from = 0; o < outer; o++)
        {
            for (int m = 0; m < middle; m++)
            {
                for (int i = 0; i < inner; i++)
                    turned[(o * inner + i) * middle + m] = weights[from++];
            }
        }
        return turned;
    }

    /// <summary>Reverses the order of three dimensions.</summary>
    public static float[] Reversed(float[] weights, int outer, int middle, int inner)
    {
        if (weights.Length != (long)outer * middle * inner)
            return weights;
        float[] turned = new float[weights.Length];
        for (int o = 0, from = 0; o < outer; o++)
        {
            for (int m = 0; m < middle; m++)
            {
                for (int i = 0; i < inner; i++)
                    turned[(i * middle + m) * outer + o] = weights[from++];
            }
        }
        return turned;
    }
}
