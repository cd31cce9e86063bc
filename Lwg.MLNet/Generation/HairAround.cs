using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Continues the hair of a head's unseen back to what a network draws around the head: the network gives its own hair another colour.
/// Holds scratch buffers; use an instance on one thread at a time.
/// </summary>
/// <param name="size">N.</param>
internal sealed class HairAround(int size)
{
    // How far around the head, as a share of N.
    private const float Reach = 0.05f;

    // Pixels with less of the person are left as they are.
    private const float LeastPerson = 0.02f;

    private readonly NearestPixels _search = new(size);
    private readonly bool[] _body = new bool[size * size];
    private readonly int[] _nearest = new int[size * size];

    /// <summary>How far each pixel of the head was replaced [N,N], 0 to 1.</summary>
    public float[] Shares { get; } = new float[size * size];

    /// <summary>Changes the colours beside the silhouette.</summary>
    /// <param name="faceIndex">The target's face index map [N,N].</param>
    /// <param name="result">The network's result; its colours are changed.</param>
    public void Continue(ReadOnlySpan<int> faceIndex, TransferResult result)
    {
        if (!Shares.AsSpan().ContainsAnyInRange(float.Epsilon, 1))
            return;
        for (int i = 0; i < _body.Length; i++)
            _body[i] = faceIndex[i] >= 0;
        _search.Find(_body, _nearest);
        float reach = Reach * size;
        for (int i = 0; i < _body.Length; i++)
        {
            int near = _nearest[i];
            if (_body[i] || near < 0 || Shares[near] <= 0 || 1 - result.Mask[i] < LeastPerson)
                continue;
            int dx = i % size - near % size, dy = i / size - near / size;
            float share = Shares[near] * (1 - TextureWarpGenerator.SmoothStep(0.5f * reach, reach, MathF.Sqrt(dx * dx + dy * dy)));
            for (int c = 0; c < result.Color.Length; c += _body.Length)
                result.Color[c + i] = float.Lerp(result.Color[c + i], result.Color[c + near], share);
        }
    }
}
