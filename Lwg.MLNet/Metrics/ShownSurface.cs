using Lwg.MLNet.Body;

namespace Lwg.MLNet.Metrics;

/// <summary>
/// How much of what a target shows of a body its source shows too: the rest a generator must make up. Holds scratch memory and serves one thread.
/// </summary>
/// <param name="body">The body.</param>
public sealed class ShownSurface(BodyModel body)
{
    private readonly bool[] _seen = new bool[body.VertexCount];

    /// <summary>
    /// The share of the target's body pixels whose face has all its corners on faces that the source's map has. Corners, not faces: where faces are smaller than
    /// pixels, many that are seen own none.
    /// </summary>
    /// <param name="sourceFaceIndex">The source's face index map, -1 on background.</param>
    /// <param name="targetFaceIndex">The target's.</param>
    /// <returns>0 to 1; 0 where the target's map has no body.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is no face of the body.</exception>
    public float Share(ReadOnlySpan<int> sourceFaceIndex, ReadOnlySpan<int> targetFaceIndex)
    {
        _seen.AsSpan().Clear();
        ReadOnlySpan<int> faces = body.Faces;
        foreach (int face in sourceFaceIndex)
        {
            if (IsFace(face, nameof(sourceFaceIndex)))
                _seen[faces[3 * face]] = _seen[faces[3 * face + 1]] = _seen[faces[3 * face + 2]] = true;
        }
        int shown = 0, all = 0;
        foreach (int face in targetFaceIndex)
        {
            if (!IsFace(face, nameof(targetFaceIndex)))
                continue;
            all++;
            if (_seen[faces[3 * face]] && _seen[faces[3 * face + 1]] && _seen[faces[3 * face + 2]])
                shown++;
        }
        return all == 0 ? 0 : (float)shown / all;
    }

    private bool IsFace(int face, string map)
    {
        if (face < -1 || face >= body.FaceCount)
            throw new ArgumentOutOfRangeException(map, face, $"A face index map has numbers from -1 (background) to {body.FaceCount - 1}.");
        return face >= 0;
    }
}
