using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Composition;

/// <summary>Where a target shows parts of the body that are in front of a piece, softened by one pixel. Holds scratch buffers; use an
/// instance on one thread at a time.</summary>
internal sealed class PartsInFront
{
    private readonly int _size;
    private readonly int[] _partOfFace;
    private readonly float[] _hidden, _free;

    /// <summary>Allocates buffers for maps of one size.</summary>
    /// <param name="size">N.</param>
    /// <param name="body">A body with marked parts.</param>
    public PartsInFront(int size, BodyModel body)
    {
        (_size, _partOfFace) = (size, body.Surface.Part.ToArray());
        (_hidden, _free) = (new float[size * size], new float[size * size]);
    }

    /// <summary>All parts.</summary>
    public const int All = -1;

    /// <summary>Returns the bit of a part.</summary>
    public static int Bit(BodyPart part) => 1 << (int)part;

    /// <summary>Marks the parts in front.</summary>
    /// <param name="faceIndex">The target's face index map [N,N].</param>
    /// <param name="parts">The parts in front: the sum of <see cref="Bit"/> of each.</param>
    public void Mark(ReadOnlySpan<int> faceIndex, int parts)
    {
        for (int i = 0; i < _hidden.Length; i++)
            _hidden[i] = faceIndex[i] >= 0 && (parts >> _partOfFace[faceIndex[i]] & 1) != 0 ? 1 : 0;
        for (int y = 0, i = 0; y < _size; y++)
        {
            int up = Math.Max(y - 1, 0) * _size, at = y * _size, down = Math.Min(y + 1, _size - 1) * _size;
            for (int x = 0; x < _size; x++, i++)
            {
                int before = Math.Max(x - 1, 0), after = Math.Min(x + 1, _size - 1);
                _free[i] = 1 - (_hidden[up + before] + _hidden[up + x] + _hidden[up + after] + _hidden[at + before] + _hidden[i]
                    + _hidden[at + after] + _hidden[down + before] + _hidden[down + x] + _hidden[down + after]) / 9;
            }
        }
    }

    /// <summary>Returns how free a pixel is of parts in front, 0 to 1.</summary>
    /// <param name="x">The position, pixels of the map.</param>
    /// <param name="y">The position, pixels of the map.</param>
    public float Free(float x, float y) => MapSampler.Bilinear(_free, _size, x, y);
}
