namespace Lwg.MLNet.Warping;

/// <summary>The transformation flow T [S,S,2]: for each pixel of the target, the position in the source picture of its point of the
/// body's surface.</summary>
internal static class TransformationFlow
{
    /// <summary>The value of T where there is no source: far enough outside that sampling gives zero.</summary>
    public const float Nowhere = -2f;

    /// <summary>Computes T = sum of weight k * source point k of the face at each pixel; (-2,-2) on background (Liquid Warping GAN,
    /// section 3.1).</summary>
    /// <param name="sourcePoints">The picture points of the source's faces [F,3,2] (<see cref="Rendering.Camera.FacePoints"/>).</param>
    /// <param name="faceIndex">The target's face index map [S,S].</param>
    /// <param name="weights">The target's weight map [S,S,3].</param>
    /// <param name="flow">Receives T [S,S,2], normalised coordinates, x right and y down.</param>
    public static void Compute(ReadOnlySpan<float> sourcePoints, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, Span<float> flow)
    {
        if (weights.Length != 3 * faceIndex.Length)
            throw new ArgumentException($"{faceIndex.Length} pixels have {3 * faceIndex.Length} weights, but {weights.Length} were given.",
                nameof(weights));
        if (flow.Length != 2 * faceIndex.Length)
            throw new ArgumentException($"{faceIndex.Length} pixels need {2 * faceIndex.Length} flow values, but there is room for "
                + $"{flow.Length}.", nameof(flow));
        flow.Fill(Nowhere);
        for (int i = 0; i < faceIndex.Length; i++)
        {
            // Most of a picture is background, which is skipped.
            if (faceIndex[i] < 0)
            {
                int next = faceIndex[i..].IndexOfAnyInRange(0, int.MaxValue);
                if (next < 0)
                    return;
                i += next;
            }
            ReadOnlySpan<float> p = sourcePoints.Slice(6 * faceIndex[i], 6), w = weights.Slice(3 * i, 3);
            flow[2 * i] = w[0] * p[0] + w[1] * p[2] + w[2] * p[4];
            flow[2 * i + 1] = w[0] * p[1] + w[1] * p[3] + w[2] * p[5];
        }
    }

    /// <summary>Sets the points of every face that the source's map does not show to (-2,-2): the option 'only visible'.</summary>
    /// <param name="facePoints">The source's points [F,3,2]; changed in place.</param>
    /// <param name="sourceFaceIndex">The source's face index map.</param>
    /// <param name="visible">Room for F flags.</param>
    /// <param name="asPublished">
    /// Whether the smallest value of the map is ignored, as in the published release: usually it is the background, but on a map without
    /// background it is a face, which gets (-2,-2) too.
    /// </param>
    public static void KeepVisible(Span<float> facePoints, ReadOnlySpan<int> sourceFaceIndex, Span<bool> visible, bool asPublished = false)
    {
        MarkVisible(sourceFaceIndex, visible);
        if (asPublished && !sourceFaceIndex.ContainsAnyExceptInRange(0, int.MaxValue) && visible.IndexOf(true) is var lowest and >= 0)
            visible[lowest] = false;
        for (int f = 0; f < visible.Length; f++)
        {
            if (!visible[f])
                facePoints.Slice(6 * f, 6).Fill(Nowhere);
        }
    }

    /// <summary>Marks the faces that a face index map shows.</summary>
    /// <param name="faceIndex">The map.</param>
    /// <param name="visible">Receives F flags.</param>
    public static void MarkVisible(ReadOnlySpan<int> faceIndex, Span<bool> visible)
    {
        visible.Clear();
        foreach (int face in faceIndex)
        {
            if (face >= 0)
                visible[face] = true;
        }
    }

    /// <summary>Marks where the target's surface is seen in the source: its face is in the source's map, or is so small that only its
    /// neighbours are.</summary>
    /// <param name="visible">The faces that the source shows (<see cref="MarkVisible"/>) [F].</param>
    /// <param name="targetFaceIndex">The target's face index map [S,S].</param>
    /// <param name="morphology">Closes holes of one pixel; of the map's size.</param>
    /// <param name="seen">Receives [1,S,S], 1 where the surface is seen.</param>
    public static void MarkSeen(ReadOnlySpan<bool> visible, ReadOnlySpan<int> targetFaceIndex, Morphology morphology, Span<float> seen)
    {
        ArgumentNullException.ThrowIfNull(morphology);
        for (int i = 0; i < targetFaceIndex.Length; i++)
            seen[i] = targetFaceIndex[i] >= 0 && visible[targetFaceIndex[i]] ? 1 : 0;
        morphology.Dilate(seen, 3, seen);
        morphology.Erode(seen, 3, seen);
        for (int i = 0; i < targetFaceIndex.Length; i++)
            seen[i] = targetFaceIndex[i] >= 0 ? seen[i] : 0;
    }
}
