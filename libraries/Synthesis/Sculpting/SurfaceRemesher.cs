using System.Runtime.InteropServices;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>
/// Converts a triangle mesh to even triangles with a given edge length that varies over the surface (Botsch and Kobbelt, 'A Remeshing
/// Approach to Multiresolution Modeling', SGP 2004: split, collapse, flip, relax). Boundary edges stay in the plane x = 0.
/// </summary>
internal sealed class SurfaceRemesher
{
    private readonly Sculpture _sculpture;
    private readonly Func<Vector3D, double> _edgeLength;
    private readonly List<Vector3D> _points;
    private readonly List<bool> _inMiddle = [];
    private readonly List<List<int>> _star = [];
    private readonly List<int> _faces;
    private readonly List<double> _length = [];

    private SurfaceRemesher(Sculpture sculpture, Func<Vector3D, double> edgeLength, List<Vector3D> points, List<int> faces)
    {
        (_sculpture, _edgeLength, _points, _faces) = (sculpture, edgeLength, points, faces);
        foreach (Vector3D p in points)
        {
            _inMiddle.Add(p.X == 0);
            _star.Add(new List<int>(8));
            _length.Add(edgeLength(p));
        }
        for (int i = 0; i < faces.Count; i++)
            _star[faces[i]].Add(i / 3);
    }

    /// <summary>Remeshes a surface.</summary>
    /// <param name="sculpture">The surface to stay on.</param>
    /// <param name="edgeLength">Returns the desired edge length at a point.</param>
    /// <param name="points">The vertices; x = 0 exactly on the boundary.</param>
    /// <param name="faces">The faces.</param>
    /// <param name="rounds">The number of rounds.</param>
    /// <param name="cancel">Cancels the work.</param>
    public static (List<Vector3D> Points, List<int> Faces) Run(
        Sculpture sculpture, Func<Vector3D, double> edgeLength, List<Vector3D> points, List<int> faces, int rounds,
        CancellationToken cancel)
    {
        var mesh = new SurfaceRemesher(sculpture, edgeLength, points, faces);
        for (int i = 0; i < rounds; i++)
        {
            cancel.ThrowIfCancellationRequested();
            mesh.SplitLong();
            mesh.CollapseShort();
            mesh.Flip();
            mesh.Relax(project: i > 0);
        }
        mesh.Flip();
        mesh.Relax(project: true);
        return mesh.Compact();
    }

    private int FaceCount => _faces.Count / 3;

    private bool IsAlive(int face) => _faces[3 * face] >= 0;

    private double WantedLength(int a, int b) => 0.5 * (_length[a] + _length[b]);

    private double Length(int a, int b) => Vector3D.Distance(_points[a], _points[b]);

    private void SplitLong()
    {
        for (int face = 0; face < FaceCount; face++)
        {
            for (int k = 0; k < 3 && IsAlive(face); k++)
            {
                int a = _faces[3 * face + k], b = _faces[3 * face + (k + 1) % 3];
                if (Length(a, b) > 4.0 / 3 * WantedLength(a, b))
                    Split(a, b);
            }
        }
    }

    private void Split(int a, int b)
    {
        Span<int> around = stackalloc int[4];
        int count = FacesOfEdge(a, b, around);
        bool boundary = count == 1;
        Vector3D p = Vector3D.Lerp(_points[a], _points[b], 0.5);
        p = _sculpture.Project(p, boundary);
        int m = _points.Count;
        _points.Add(p);
        _inMiddle.Add(boundary);
        _length.Add(_edgeLength(p));
        _star.Add(new List<int>(8));
        for (int i = 0; i < count; i++)
        {
            int face = around[i], second = FaceCount;
            int c = Opposite(face, a, b);
            bool forward = Follows(face, a, b);
            (int from, int to) = forward ? (a, b) : (b, a);
            SetFace(face, from, m, c);
            _faces.AddRange([m, to, c]);
            _star[to].Remove(face);
            _star[to].Add(second);
            _star[c].Add(second);
            _star[m].Add(face);
            _star[m].Add(second);
        }
    }

    private void CollapseShort()
    {
        for (int face = 0; face < FaceCount; face++)
        {
            for (int k = 0; k < 3 && IsAlive(face); k++)
            {
                int a = _faces[3 * face + k], b = _faces[3 * face + (k + 1) % 3];
                if (Length(a, b) < 4.0 / 5 * WantedLength(a, b))
                    TryCollapse(a, b);
            }
        }
    }

    private void TryCollapse(int a, int b)
    {
        Span<int> around = stackalloc int[4];
        int count = FacesOfEdge(a, b, around);
        bool boundary = count == 1;
        if (_inMiddle[a] && _inMiddle[b] && !boundary)
            return;
        if (_inMiddle[b] && !_inMiddle[a])
            (a, b) = (b, a);
        Vector3D target = _inMiddle[a] && !_inMiddle[b] ? _points[a] : Vector3D.Lerp(_points[a], _points[b], 0.5);

        // The only common neighbours may be the tips of the faces that are removed; otherwise the surface would pinch.
        HashSet<int> common = Neighbours(a);
        HashSet<int> ofB = Neighbours(b);
        common.IntersectWith(ofB);
        if (common.Count != count)
            return;
        foreach (int tip in common)
        {
            if (_star[tip].Count <= (_inMiddle[tip] ? 2 : 3))
                return;
        }
        foreach (int n in ofB)
        {
            if (n != a && Vector3D.Distance(_points[n], target) > 4.0 / 3 * WantedLength(a, n))
                return;
        }
        foreach (int n in Neighbours(a))
        {
            if (n != b && Vector3D.Distance(_points[n], target) > 4.0 / 3 * WantedLength(a, n))
                return;
        }
        if (!StaysUpright(a, b, target) || !StaysUpright(b, a, target))
            return;

        for (int i = 0; i < count; i++)
        {
            int face = around[i];
            for (int k = 0; k < 3; k++)
                _star[_faces[3 * face + k]].Remove(face);
            SetFace(face, -1, -1, -1);
        }
        foreach (int face in _star[b])
        {
            for (int k = 0; k < 3; k++)
            {
                if (_faces[3 * face + k] == b)
                    _faces[3 * face + k] = a;
            }
            _star[a].Add(face);
        }
        _star[b].Clear();
        _points[a] = target;
        _length[a] = _edgeLength(target);
    }

    /// <summary>Returns whether the faces of <paramref name="moved"/> that do not touch <paramref name="other"/> keep facing
    /// outwards.</summary>
    private bool StaysUpright(int moved, int other, Vector3D target)
    {
        foreach (int face in _star[moved])
        {
            int a = _faces[3 * face], b = _faces[3 * face + 1], c = _faces[3 * face + 2];
            if (a == other || b == other || c == other)
                continue;
            Vector3D before = Vector3D.Cross(_points[b] - _points[a], _points[c] - _points[a]);
            Vector3D pa = a == moved ? target : _points[a], pb = b == moved ? target : _points[b], pc = c == moved ? target : _points[c];
            Vector3D after = Vector3D.Cross(pb - pa, pc - pa);
            if (Vector3D.Dot(before, after) <= 0.3 * before.Length * after.Length)
                return false;
        }
        return true;
    }

    private void Flip()
    {
        Span<int> around = stackalloc int[4];
        for (int face = 0; face < FaceCount; face++)
        {
            for (int k = 0; k < 3 && IsAlive(face); k++)
            {
                int a = _faces[3 * face + k], b = _faces[3 * face + (k + 1) % 3];
                if (a > b || FacesOfEdge(a, b, around) != 2)
                    continue;
                int first = around[0], second = around[1];
                if (!Follows(first, a, b))
                    (first, second) = (second, first);
                int c = Opposite(first, a, b), d = Opposite(second, a, b);
                int before = Excess(a, 0) + Excess(b, 0) + Excess(c, 0) + Excess(d, 0);
                int after = Excess(a, -1) + Excess(b, -1) + Excess(c, 1) + Excess(d, 1);
                if (after >= before || _star[a].Count <= 3 || _star[b].Count <= 3 || (_inMiddle[c] && _inMiddle[d])
                    || Neighbours(c).Contains(d))
                    continue;
                Vector3D outward = (Normal(a, b, c).Normalized + Normal(b, a, d).Normalized).Normalized;
                Vector3D n1 = Normal(a, d, c), n2 = Normal(b, c, d);
                if (Vector3D.Dot(n1, outward) <= 0.5 * n1.Length || Vector3D.Dot(n2, outward) <= 0.5 * n2.Length)
                    continue;
                if (Length(c, d) > 1.6 * WantedLength(c, d))
                    continue;
                SetFace(first, a, d, c);
                SetFace(second, b, c, d);
                _star[a].Remove(second);
                _star[b].Remove(first);
                _star[c].Add(second);
                _star[d].Add(first);
            }
        }
    }

    private int Excess(int vertex, int change)
    {
        int valence = _star[vertex].Count + (_inMiddle[vertex] ? 1 : 0) + change - (_inMiddle[vertex] ? 4 : 6);
        return valence * valence;
    }

    /// <summary>Moves each vertex in its tangent plane towards the weighted mean of its neighbours, then onto the surface.</summary>
    private void Relax(bool project)
    {
        var moved = new Vector3D[_points.Count];
        for (int v = 0; v < moved.Length; v++)
        {
            Vector3D p = _points[v];
            moved[v] = p;
            if (_star[v].Count == 0)
                continue;
            Vector3D sum = default, normal = default;
            double weight = 0;
            foreach (int face in _star[v])
            {
                int a = _faces[3 * face], b = _faces[3 * face + 1], c = _faces[3 * face + 2];
                Vector3D n = Normal(a, b, c);
                normal += n;
                if (_inMiddle[v])
                    continue;
                double size = (_length[a] + _length[b] + _length[c]) / 3;
                double w = n.Length / (size * size);
                sum += (_points[a] + _points[b] + _points[c]) * (w / 3);
                weight += w;
            }
            if (_inMiddle[v])
            {
                foreach (int n in Neighbours(v))
                {
                    if (_inMiddle[n] && IsBoundary(v, n))
                    {
                        double w = Length(v, n) / _length[n];
                        sum += Vector3D.Lerp(p, _points[n], 0.5) * w;
                        weight += w;
                    }
                }
                normal = normal with { X = 0 };
            }
            Vector3D outward = normal.Normalized;
            Vector3D step = sum / weight - p;
            step -= outward * Vector3D.Dot(step, outward);
            moved[v] = p + step;
            if (_inMiddle[v])
                moved[v] = moved[v] with { X = 0 };
        }
        for (int v = 0; v < moved.Length; v++)
        {
            if (_star[v].Count == 0)
                continue;
            Vector3D p = project ? _sculpture.Project(moved[v], _inMiddle[v]) : moved[v];
            if (!_inMiddle[v] && p.X < 1e-4)
                p = p with { X = 1e-4 };
            _points[v] = p;
            _length[v] = _edgeLength(p);
        }
    }

    private bool IsBoundary(int a, int b)
    {
        Span<int> around = stackalloc int[4];
        return FacesOfEdge(a, b, around) == 1;
    }

    private Vector3D Normal(int a, int b, int c) => Vector3D.Cross(_points[b] - _points[a], _points[c] - _points[a]);

    private void SetFace(int face, int a, int b, int c) =>
        (_faces[3 * face], _faces[3 * face + 1], _faces[3 * face + 2]) = (a, b, c);

    private bool Follows(int face, int a, int b) =>
        (_faces[3 * face] == a && _faces[3 * face + 1] == b) ||
        (_faces[3 * face + 1] == a && _faces[3 * face + 2] == b) ||
        (_faces[3 * face + 2] == a && _faces[3 * face] == b);

    private int Opposite(int face, int a, int b) => _faces[3 * face] + _faces[3 * face + 1] + _faces[3 * face + 2] - a - b;

    private int FacesOfEdge(int a, int b, Span<int> result)
    {
        int count = 0;
        foreach (int face in CollectionsMarshal.AsSpan(_star[a]))
        {
            if (_faces[3 * face] == b || _faces[3 * face + 1] == b || _faces[3 * face + 2] == b)
                result[count++] = face;
        }
        return count;
    }

    private HashSet<int> Neighbours(int v)
    {
        var result = new HashSet<int>();
        foreach (int face in _star[v])
        {
            for (int k = 0; k < 3; k++)
            {
                if (_faces[3 * face + k] != v)
                    result.Add(_faces[3 * face + k]);
            }
        }
        return result;
    }

    private (List<Vector3D> Points, List<int> Faces) Compact()
    {
        int[] index = new int[_points.Count];
        Array.Fill(index, -1);
        var points = new List<Vector3D>();
        var faces = new List<int>();
        foreach (int v in _faces)
        {
            if (v < 0)
                continue;
            if (index[v] < 0)
            {
                index[v] = points.Count;
                points.Add(_points[v]);
            }
            faces.Add(index[v]);
        }
        return (points, faces);
    }
}
