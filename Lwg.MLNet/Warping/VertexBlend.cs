using System.Runtime.CompilerServices;

namespace Lwg.MLNet.Warping;

/// <summary>
/// Interpolates vertex values at a point of the body's surface by the weights of its face's corners. With the vertices' points this gives
/// T at one pixel, without the faces' points that <see cref="TransformationFlow.Compute"/> reads.
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

    /// <summary>Interpolates one value per vertex.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(ReadOnlySpan<float> values) => U * values[A] + V * values[B] + W * values[C];

    /// <summary>Interpolates one point (x, y) per vertex.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (float X, float Y) PointOf(ReadOnlySpan<float> points) =>
        (U * points[2 * A] + V * points[2 * B] + W * points[2 * C], U * points[2 * A + 1] + V * points[2 * B + 1] + W * points[2 * C + 1]);

    /// <summary>Returns the same point between other vertices, such as those of the body's other side.</summary>
    /// <param name="others">The other vertex of each vertex.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public VertexBlend Through(ReadOnlySpan<int> others) => this with { A = others[A], B = others[B], C = others[C] };
}
