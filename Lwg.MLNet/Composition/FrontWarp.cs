namespace Lwg.MLNet.Composition;

/// <summary>Keeps the source's pixels on the face: replaces the network's picture by the warped source on the facial front.</summary>
internal static class FrontWarp
{
    /// <summary>Computes picture + f (1 - mask) (warped - picture), where f = 1 on the facial front of the target.</summary>
    /// <param name="result">The result; its picture is changed in place.</param>
    /// <param name="front">f, [1,S,S].</param>
    /// <param name="warped">The source sampled at T, [3,S,S].</param>
    public static void Blend(TransferResult result, ReadOnlySpan<float> front, ReadOnlySpan<float> warped)
    {
        ArgumentNullException.ThrowIfNull(result);
        int n = result.Mask.Length;
        Check(n, front, warped);
        for (int c = 0; c < 3; c++)
        {
            Span<float> image = result.Image.AsSpan(c * n, n);
            for (int i = 0; i < n; i++)
                image[i] += front[i] * (1 - result.Mask[i]) * (warped[c * n + i] - image[i]);
        }
    }

    /// <summary>Computes the authors' composition, (1 - f) picture + f (1 - mask) warped: darker where the mask is above 0, exact for
    /// imported models.</summary>
    /// <param name="result">The result; its picture is changed in place.</param>
    /// <param name="front">f, [1,S,S].</param>
    /// <param name="warped">The source sampled at T, [3,S,S].</param>
    public static void BlendAsPublished(TransferResult result, ReadOnlySpan<float> front, ReadOnlySpan<float> warped)
    {
        ArgumentNullException.ThrowIfNull(result);
        int n = result.Mask.Length;
        Check(n, front, warped);
        for (int c = 0; c < 3; c++)
        {
            Span<float> image = result.Image.AsSpan(c * n, n);
            for (int i = 0; i < n; i++)
                image[i] = (1 - front[i]) * image[i] + front[i] * (1 - result.Mask[i]) * warped[c * n + i];
        }
    }

    private static void Check(int n, ReadOnlySpan<float> front, ReadOnlySpan<float> warped)
    {
        if (front.Length != n || warped.Length != 3 * n)
            throw new ArgumentException($"For {n} pixels the front map has {n} elements and the warped picture {3 * n}, but "
                + $"{front.Length} and {warped.Length} were given.", nameof(front));
    }
}
