using Lwg.MLNet.Body;
using Lwg.MLNet.Heads;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Removes traces of the front from the back. For a back that the source does not show, T leads to the front that hides it, and a network
/// paints what is there: a face on the back of a head, a tie on a back. The colours spread over the surface replace the network's: on the
/// head all of them, with strands of hair (<see cref="HairStrands"/>), on trunk and feet those that differ strongly from the network's.
/// Where trunk or legs are behind an arm in the source, those that differ less replace the arm that a network paints there.
/// Immutable.
/// </summary>
internal sealed class UnseenSurface
{
    // Mean differences from the spread colours up to the first are folds and patterns of the same cloth, from the second on something
    // else.
    private const float SameCloth = 0.2f, OtherThing = 0.6f;

    // The same where another part of the body was in front, which the network probably paints.
    private const float SameClothBehind = 0.1f, OtherThingBehind = 0.35f;

    // A quality whose reciprocal is at most this counts as seen; surface seen obliquely counts by half.
    private const float WellSeen = 2;

    // The hair's edge fades over about as many triangles.
    private const int SoftPasses = 3;

    // The mean deviation of strands, and their strength as a share of the deviation in the photograph, which contains light and shade.
    private const float MeanStrand = 0.3f, StrandShare = 0.5f;

    private readonly float[] _head, _trunk, _legs, _feet, _x, _y, _z;

    /// <summary>Prepares the data that depends on the body alone.</summary>
    /// <param name="body">A body with marked parts.</param>
    /// <param name="hair">The vertices that hair covers.</param>
    public UnseenSurface(BodyModel body, IReadOnlyList<int> hair)
    {
        int count = body.VertexCount;
        (_head, _trunk, _legs, _feet) = (new float[count], new float[count], new float[count], new float[count]);
        (_x, _y, _z) = (Coordinate(body, 0), Coordinate(body, 1), Coordinate(body, 2));
        foreach (int v in hair)
            _head[v] = 1;
        for (int pass = 0; pass < SoftPasses; pass++)
            Soften(body);
        for (int f = 0; f < body.FaceCount; f++)
        {
            float[]? clothes = (BodyPart)body.Surface.Part[f] switch
            {
                BodyPart.Torso => _trunk,
                BodyPart.LeftLeg or BodyPart.RightLeg => _legs,
                BodyPart.LeftFoot or BodyPart.RightFoot => _feet,
                _ => null,
            };
            foreach (int v in clothes is null ? [] : body.Faces.Slice(3 * f, 3))
                clothes![v] = 1;
        }
    }

    private static float[] Coordinate(BodyModel body, int axis) =>
        [.. Enumerable.Range(0, body.VertexCount).Select(v => body.Data.Template[3 * v + axis])];

    // Replaces each weight of the head by the mean of its faces' corners.
    private void Soften(BodyModel body)
    {
        float[] sum = new float[_head.Length];
        int[] count = new int[_head.Length];
        for (int f = 0; f < body.FaceCount; f++)
        {
            ReadOnlySpan<int> corners = body.Faces.Slice(3 * f, 3);
            float mean = (_head[corners[0]] + _head[corners[1]] + _head[corners[2]]) / 3;
            foreach (int v in corners)
                (sum[v], count[v]) = (sum[v] + mean, count[v] + 1);
        }
        for (int v = 0; v < sum.Length; v++)
            _head[v] = count[v] == 0 ? 0 : sum[v] / count[v];
    }

    /// <summary>Changes a network's colours.</summary>
    /// <param name="source">The analysed source.</param>
    /// <param name="faceIndex">The target's face index map [N,N].</param>
    /// <param name="weights">The target's weight map [N,N,3].</param>
    /// <param name="color">The network's colours [3,N,N].</param>
    /// <param name="hair">Receives how far each pixel of the head was replaced [N,N]; empty if it is not wanted.</param>
    public void Cover(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, Span<float> color,
        Span<float> hair = default)
    {
        hair.Clear();
        ReadOnlySpan<int> corners = source.Generator.Body.Faces;
        int n = faceIndex.Length, count = source.Generator.Body.VertexCount;
        Span<float> spread = stackalloc float[3];
        for (int i = 0; i < n; i++)
        {
            if (faceIndex[i] < 0)
                continue;
            var at = new VertexBlend(corners, faceIndex[i], weights.Slice(3 * i, 3));
            float head = at.Of(_head), trunk = at.Of(_trunk), legs = at.Of(_legs), feet = at.Of(_feet);
            float hidden = head + trunk + legs + feet > 0
                ? 1 - (at.Of(source.Seen) + Math.Min(WellSeen * at.Of(source.Quality), 1)) / 2 : 0;
            if (hidden <= 0)
                continue;
            float difference = 0, strand = head > 0 && source.Strands > 0
                ? StrandShare * source.Strands / MeanStrand * HairStrands.At(at.Of(_x), at.Of(_y), at.Of(_z)) * Math.Min(head, 1) : 0;
            for (int c = 0; c < 3; c++)
            {
                spread[c] = Math.Clamp(at.Of(source.Colours.AsSpan(c * count, count)) + strand, -1, 1);
                difference += Math.Abs(spread[c] - color[c * n + i]) / 3;
            }
            if (!hair.IsEmpty)
                hair[i] = hidden * head;
            float front = (trunk + feet) * Ramp.Smooth(SameCloth, OtherThing, difference), arm = (trunk + legs)
                * at.Of(source.Covered) * Ramp.Smooth(SameClothBehind, OtherThingBehind, difference);
            float share = hidden * Math.Max(head, Math.Max(front, arm));
            for (int c = 0; c < 3; c++)
                color[c * n + i] = float.Lerp(color[c * n + i], spread[c], share);
        }
    }
}
