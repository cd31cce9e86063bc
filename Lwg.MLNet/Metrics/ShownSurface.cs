using Lwg.MLNet.Body;

namespace Lwg.MLNet.Metrics;

/// <summary>
/// Computes the share of a target's body surface that its source shows too; a generator must invent the rest. A face counts as shown if a
/// face in the source's map lies within <see cref="Reach"/> of it on the template and faces the same side: where faces are smaller than
/// pixels, many visible faces own no pixel. Holds scratch buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class ShownSurface
{
    /// <summary>The search radius in metres: more than the distance between pixels of a person at 64 pixels, less than the thickness of
    /// limbs.</summary>
    public const float Reach = 0.025f;

    private readonly BodyModel _body;
    private readonly (double X, double Y, double Z)[] _centres, _normals;
    private readonly Dictionary<long, List<int>> _cells = [];
    private readonly bool[] _isSeen;
    private readonly bool?[] _isShown;

    /// <summary>Computes the centres and normals of a body's faces on the template.</summary>
    /// <param name="body">The body.</param>
    public ShownSurface(BodyModel body)
    {
        ArgumentNullException.ThrowIfNull(body);
        (_body, _isSeen, _isShown) = (body, new bool[body.FaceCount], new bool?[body.FaceCount]);
        (_centres, _normals) = (new (double, double, double)[body.FaceCount], new (double, double, double)[body.FaceCount]);
        float[] rest = body.Data.Template;
        for (int f = 0; f < body.FaceCount; f++)
        {
            (int a, int b, int c) = (body.Faces[3 * f], body.Faces[3 * f + 1], body.Faces[3 * f + 2]);
            _centres[f] = (Mean(0), Mean(1), Mean(2));
            _normals[f] = MeshTopology.Cross(rest, a, b, c);

            double Mean(int axis) => ((double)rest[3 * a + axis] + rest[3 * b + axis] + rest[3 * c + axis]) / 3;
        }
    }

    /// <summary>Returns the share of the target's body pixels whose surface the source shows.</summary>
    /// <param name="sourceFaceIndex">The source's face index map, -1 on background.</param>
    /// <param name="targetFaceIndex">The target's face index map.</param>
    /// <returns>0 to 1; 0 if the target's map has no body.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An index is not a face of the body.</exception>
    public float Share(ReadOnlySpan<int> sourceFaceIndex, ReadOnlySpan<int> targetFaceIndex)
    {
        _isSeen.AsSpan().Clear();
        _isShown.AsSpan().Clear();
        foreach (List<int> faces in _cells.Values)
            faces.Clear();
        foreach (int face in sourceFaceIndex)
        {
            if (!IsFace(face, nameof(sourceFaceIndex)) || _isSeen[face])
                continue;
            _isSeen[face] = true;
            long cell = CellOf(_centres[face]);
            if (!_cells.TryGetValue(cell, out List<int>? faces))
                _cells.Add(cell, faces = []);
            faces.Add(face);
        }
        int shown = 0, all = 0;
        foreach (int face in targetFaceIndex)
        {
            if (!IsFace(face, nameof(targetFaceIndex)))
                continue;
            all++;
            shown += (_isShown[face] ??= _isSeen[face] || IsNearSeen(face)) ? 1 : 0;
        }
        return all == 0 ? 0 : (float)shown / all;
    }

    private bool IsNearSeen(int face)
    {
        (double x, double y, double z) = _centres[face];
        (double nx, double ny, double nz) = _normals[face];
        // The cells are as wide as the reach, so that near faces are in the same or an adjacent cell.
        for (int neighbour = 0; neighbour < 27; neighbour++)
        {
            long cell = CellOf((x + (neighbour % 3 - 1) * Reach, y + (neighbour / 3 % 3 - 1) * Reach, z + (neighbour / 9 - 1) * Reach));
            if (!_cells.TryGetValue(cell, out List<int>? faces))
                continue;
            foreach (int seen in faces)
            {
                (double dx, double dy, double dz) = (_centres[seen].X - x, _centres[seen].Y - y, _centres[seen].Z - z);
                (double mx, double my, double mz) = _normals[seen];
                if (dx * dx + dy * dy + dz * dz <= Reach * Reach && nx * mx + ny * my + nz * mz > 0)
                    return true;
            }
        }
        return false;
    }

    // Hash collisions of cells are harmless, because distances are checked anyway.
    private static long CellOf((double X, double Y, double Z) point) =>
        (long)Math.Floor(point.X / Reach) * 73856093 ^ (long)Math.Floor(point.Y / Reach) * 19349663 ^ (long)Math.Floor(point.Z / Reach)
        * 83492791;

    private bool IsFace(int face, string map)
    {
        if (face < -1 || face >= _body.FaceCount)
            throw new ArgumentOutOfRangeException(map, face,
                $"A face index map has values from -1 (background) to {_body.FaceCount - 1}.");
        return face >= 0;
    }
}
