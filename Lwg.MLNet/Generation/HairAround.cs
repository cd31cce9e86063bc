using Lwg.MLNet.Composition;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Continues the hair of a head's unseen back to what a network draws around the head: the network gives its own hair another colour.
/// Use an instance on one thread at a time.
/// </summary>
/// <param name="size">N.</param>
internal sealed class HairAround(int size)
{
    // How far around the head, as a share of N.
    private const float Reach = 0.05f;

    // Pixels with less of the person are left as they are.
    private const float LeastPerson = 0.02f;

    /// <summary>How far each pixel of the head was replaced [N,N], 0 to 1.</summary>
    public float[] Shares { get; } = new float[size * size];

    /// <summary>Changes the colours beside the silhouette.</summary>
    /// <param name="body">The target's body.</param>
    /// <param name="result">The network's result; its colours are changed.</param>
    public void Continue(NearestBody body, TransferResult result)
    {
        if (!Shares.AsSpan().ContainsAnyInRange(float.Epsilon, 1))
            return;
        float reach = Reach * size;
        for (int i = 0; i < Shares.Length; i++)
        {
            int near = body.Nearest[i];
            if (body.IsBody[i] || near < 0 || Shares[near] <= 0 || 1 - result.Mask[i] < LeastPerson)
                continue;
            int dx = i % size - near % size, dy = i / size - near / size;
            float share = Shares[near] * (1 - Ramp.Smooth(0.5f * reach, reach, MathF.Sqrt(dx * dx + dy * dy)));
            for (int c = 0; c < result.Color.Length; c += Shares.Length)
                result.Color[c + i] = float.Lerp(result.Color[c + i], result.Color[c + near], share);
        }
    }
}
