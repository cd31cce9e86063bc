namespace Lwg.MLNet.Warping;

/// <summary>
/// The two flows of appearance transfer (Liquid Warping GAN, section 3.3): the source keeps its pose, so kept parts sample the source at
/// their own position, and parts taken from the reference sample the reference.
/// </summary>
internal static class AppearanceFlow
{
    /// <summary>Computes both flows.</summary>
    /// <param name="referencePoints">The picture points of the reference's faces [F,3,2].</param>
    /// <param name="faceIndex">The source's face index map [S,S].</param>
    /// <param name="weights">The source's weight map [S,S,3].</param>
    /// <param name="taken">Which faces are taken from the reference [F].</param>
    /// <param name="size">S.</param>
    /// <param name="alignCorners">How the flows are sampled; sampling a picture at the identity gives the same picture.</param>
    /// <param name="own">Receives T of the source [S,S,2]: the identity where its parts are kept, (-2,-2) elsewhere.</param>
    /// <param name="borrowed">Receives T of the reference [S,S,2], clamped to [-2,2]: (-2,-2) where the source's parts are kept and on
    /// background.</param>
    /// <param name="kept">Receives [1,S,S]: 1 where the source's parts are kept.</param>
    public static void Compute(
        ReadOnlySpan<float> referencePoints, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, ReadOnlySpan<bool> taken, int size,
        bool alignCorners,
        Span<float> own, Span<float> borrowed, Span<float> kept)
    {
        int n = size * size;
        if (faceIndex.Length != n || weights.Length != 3 * n)
            throw new ArgumentException($"For S = {size} the maps have {n} and {3 * n} elements, but {faceIndex.Length} and "
                + $"{weights.Length} were given.", nameof(faceIndex));
        if (referencePoints.Length != 6 * taken.Length)
            throw new ArgumentException($"{taken.Length} faces have {6 * taken.Length} coordinates, but {referencePoints.Length} were "
                + $"given.", nameof(referencePoints));
        if (own.Length != 2 * n || borrowed.Length != 2 * n || kept.Length != n)
            throw new ArgumentException($"For S = {size} the results have {2 * n}, {2 * n} and {n} elements, but there is room for "
                + $"{own.Length}, {borrowed.Length} and {kept.Length}.", nameof(own));
        own.Fill(TransformationFlow.Nowhere);
        borrowed.Fill(TransformationFlow.Nowhere);
        kept.Clear();
        float step = alignCorners ? 2f / (size - 1) : 2f / size, first = alignCorners ? -1 : 1f / size - 1;
        for (int i = 0; i < n; i++)
        {
            int face = faceIndex[i];
            if (face < 0)
                continue;
            if (taken[face])
            {
                ReadOnlySpan<float> p = referencePoints.Slice(6 * face, 6), w = weights.Slice(3 * i, 3);
                borrowed[2 * i] = Math.Clamp(w[0] * p[0] + w[1] * p[2] + w[2] * p[4], -2, 2);
                borrowed[2 * i + 1] = Math.Clamp(w[0] * p[1] + w[1] * p[3] + w[2] * p[5], -2, 2);
            }
            else
            {
                own[2 * i] = first + step * (i % size);
                own[2 * i + 1] = first + step * (i / size);
                kept[i] = 1;
            }
        }
    }
}
