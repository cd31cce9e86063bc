using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Body;

/// <summary>
/// Blend shapes, stored in blocks of 32 coordinates with the values of all directions for a block next to each other. A pose then reads
/// them once from front to back while its sums stay in registers, and several poses share a block that is in the nearest cache.
/// </summary>
internal sealed class BlendShapes
{
    private const int Block = 32, Lanes = 8;

    private readonly int _count, _length;
    private readonly float[] _blocks;

    /// <param name="directions">The directions, all of the same length.</param>
    /// <param name="length">The number of coordinates.</param>
    public BlendShapes(IReadOnlyList<float[]> directions, int length)
    {
        (_count, _length, BlockCount) = (directions.Count, length, (length + Block - 1) / Block);
        _blocks = new float[BlockCount * Block * _count];
        for (int b = 0; b < BlockCount; b++)
        {
            for (int d = 0; d < _count; d++)
                directions[d].AsSpan(b * Block, Math.Min(Block, length - b * Block)).CopyTo(_blocks.AsSpan((b * _count + d) * Block));
        }
    }

    /// <summary>The number of blocks.</summary>
    public int BlockCount { get; }

    /// <summary>Adds the weighted directions to the coordinates of one block.</summary>
    /// <param name="block">The index of the block.</param>
    /// <param name="amounts">The weight of each direction.</param>
    /// <param name="coordinates">All coordinates.</param>
    public void Add(int block, ReadOnlySpan<float> amounts, Span<float> coordinates)
    {
        ReadOnlySpan<Vector256<float>> pieces = MemoryMarshal.Cast<float,
            Vector256<float>>(_blocks.AsSpan(block * Block * _count, Block * _count));
        Span<float> target = coordinates[(block * Block)..Math.Min(_length, (block + 1) * Block)];
        Span<float> sums = stackalloc float[Block];
        target.CopyTo(sums);
        Span<Vector256<float>> s = MemoryMarshal.Cast<float, Vector256<float>>(sums);
        (Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) = (s[0], s[1], s[2], s[3]);
        foreach (float amount in amounts[.._count])
        {
            var much = Vector256.Create(amount);
            a += pieces[0] * much;
            b += pieces[1] * much;
            c += pieces[2] * much;
            d += pieces[3] * much;
            pieces = pieces[(Block / Lanes)..];
        }
        (s[0], s[1], s[2], s[3]) = (a, b, c, d);
        sums[..target.Length].CopyTo(target);
    }
}
