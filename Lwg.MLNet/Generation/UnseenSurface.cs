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
/// What a network draws beside the body follows the nearest point of the body. Immutable.
/// </summary>
internal sealed class UnseenSurface
{
    // Mean differences from the spread colours up to the first are folds and patterns of the same cloth, from the second on something
    // else.
    private const float SameCloth = 0.2f, OtherThing = 0.6f;

    // The same where another part of the body was in front, which the network probably paints.
    private const float SameClothBehind = 0.1f, OtherThingBehind = 0.35f;

    // A network's hem or waist may be as far above or below that of the spread colours, metres: the camera sees a back from another
    // height than the front that T leads to.
    private const float Hem = 0.1f;

    // How far beside the body the colours change, as a share of N; pixels with less of the person are left as they are.
    private const float Beside = 0.05f, LeastPerson = 0.02f;

    // A quality whose reciprocal is at most this counts as seen; surface seen obliquely counts by half.
    private const float WellSeen = 2;

    // The hair's edge fades over about as many triangles.
    private const int SoftPasses = 3;

    // The mean deviation of strands, and their strength as a share of the deviation in the photograph, which contains light and shade.
    private const float MeanStrand = 0.3f, StrandShare = 0.5f;

    private readonly float[] _head, _trunk, _legs, _feet, _x, _y, _z;
    private readonly int[] _above, _below;

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
        (_above, _below) = (Beyond(Hem), Beyond(-Hem));
    }

    // Returns, for each vertex of the trunk, the vertex of trunk and legs that is nearest to the point this height above it; for any other
    // vertex, that vertex.
    private int[] Beyond(float height)
    {
        int[] beyond = [.. Enumerable.Range(0, _x.Length)], dressed = [.. beyond.Where(v => _trunk[v] > 0 || _legs[v] > 0)];
        foreach (int v in beyond.Where(v => _trunk[v] > 0).ToArray())
        {
            float least = float.PositiveInfinity;
            foreach (int w in dressed)
            {
                float dx = _x[w] - _x[v], dy = _y[w] - _y[v] - height, dz = _z[w] - _z[v], squared = dx * dx + dy * dy + dz * dz;
                if (squared < least)
                    (least, beyond[v]) = (squared, w);
            }
        }
        return beyond;
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
    /// <param name="body">The target's body.</param>
    /// <param name="background">The network's mask [N,N], 1 on background.</param>
    /// <param name="color">The network's colours [3,N,N].</param>
    public void Cover(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, NearestBody body,
        ReadOnlySpan<float> background, Span<float> color)
    {
        ReadOnlySpan<int> corners = source.Generator.Body.Faces;
        int n = faceIndex.Length, size = (int)Math.Sqrt(n);
        float reach = Beside * size;
        for (int i = 0; i < n; i++)
        {
            int near = body.Nearest[i];
            if (near < 0 || (near != i && 1 - background[i] < LeastPerson))
                continue;
            int dx = i % size - near % size, dy = i / size - near / size;
            float fade = 1 - Ramp.Smooth(0.5f * reach, reach, MathF.Sqrt(dx * dx + dy * dy));
            if (fade > 0)
                Cover(source, new VertexBlend(corners, faceIndex[near], weights.Slice(3 * near, 3)), near == i, fade, color[i..], n);
        }
    }

    // Changes the first colour of three planes by that of a point of the surface. Beside legs and feet are their shadows.
    private void Cover(TextureWarpSource source, VertexBlend at, bool onBody, float fade, Span<float> color, int plane)
    {
        float head = at.Of(_head), trunk = at.Of(_trunk), legs = onBody ? at.Of(_legs) : 0, feet = onBody ? at.Of(_feet) : 0;
        float hidden = head + trunk + legs + feet > 0
            ? 1 - (at.Of(source.Seen) + Math.Min(WellSeen * at.Of(source.Quality), 1)) / 2 : 0;
        if (hidden <= 0)
            return;
        float strand = head > 0 && source.Strands > 0
            ? StrandShare * source.Strands / MeanStrand * HairStrands.At(at.Of(_x), at.Of(_y), at.Of(_z)) * Math.Min(head, 1) : 0;
        Span<float> spread = stackalloc float[3], other = stackalloc float[3];
        Spread(source, at, strand, spread);
        float difference = Difference(spread, color, plane), elsewhere = difference;
        if (trunk > 0 && difference > SameCloth)
        {
            Spread(source, at.Through(_above), strand, other);
            elsewhere = MathF.Min(elsewhere, Difference(other, color, plane));
            Spread(source, at.Through(_below), strand, other);
            elsewhere = MathF.Min(elsewhere, Difference(other, color, plane));
        }
        float front = (trunk + feet) * Ramp.Smooth(SameCloth, OtherThing, elsewhere), arm = (trunk + legs)
            * at.Of(source.Covered) * Ramp.Smooth(SameClothBehind, OtherThingBehind, difference);
        float share = fade * hidden * Math.Max(head, Math.Max(front, arm));
        for (int c = 0; c < 3; c++)
            color[c * plane] = float.Lerp(color[c * plane], spread[c], share);
    }

    private static void Spread(TextureWarpSource source, VertexBlend at, float strand, Span<float> spread)
    {
        int count = source.Generator.Body.VertexCount;
        for (int c = 0; c < 3; c++)
            spread[c] = Math.Clamp(at.Of(source.Colours.AsSpan(c * count, count)) + strand, -1, 1);
    }

    private static float Difference(ReadOnlySpan<float> spread, ReadOnlySpan<float> color, int plane) =>
        (MathF.Abs(spread[0] - color[0]) + MathF.Abs(spread[1] - color[plane]) + MathF.Abs(spread[2] - color[2 * plane])) / 3;
}
