using System.Runtime.CompilerServices;

namespace Lwg.MLNet.Warping;

/// <summary>
/// What vertices know at a point of the body's surface, by the weights of its face's corners: T at one pixel where the points are the
/// vertices' own, without the faces' points that <see cref="TransformationFlow.Compute"/> reads.
/// </summary>
internal readonly record struct VertexBlend(int A, int B, int C, float U, float V, float W)
{
    /// <param name="corners">The body's faces [F,3].</param>
    /// <param name="face">The face.</param>
    /// <param name="weights">The three weights.</param>
    public VertexBlend(ReadOnlySpan<int> corners, int face, ReadOnlySpan<float> weights)
        : this(corners[3 * face], corners[3 * face + 1], corners[3 * face + 2], weights[0], weights[1], weights[2])
    {
    }

    /// <summary>A number that each vertex has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(ReadOnlySpan<float> values) => U * values[A] + V * values[B] + W * values[C];

    /// <summary>A point that each vertex has, x and y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (float X, float Y) PointOf(ReadOnlySpan<float> points) =>
        (U * points[2 * A] + V * points[2 * B] + W * points[2 * C], U * points[2 * A + 1] + V * points[2 * B + 1] + W * points[2 * C + 1]);

    /// <summary>The same point of the body's other side.</summary>
    /// <param name="mirror">The vertex opposite of each.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public VertexBlend Mirrored(ReadOnlySpan<int> mirror) => this with { A = mirror[A], B = mirror[B], C = mirror[C] };
}
