using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>
/// Flattens a patch of a surface without folds: its border follows a convex outline, and every inner vertex is a positive mean of its
/// neighbours (Tutte 1963, with Floater's mean value coordinates, CAGD 2003).
/// </summary>
internal sealed class ChartUnwrap
{
    private const int Iterations = 3000;
    private const double Overrelaxation = 1.85;

    private readonly SculptedSurface _surface;
    private readonly int[] _faces;
    private readonly Dictionary<(int Face, int Corner), int> _cornerVertex = [];
    private readonly List<int> _vertexOf = [];
    private readonly List<int> _border = [];

    /// <summary>Cuts a patch open.</summary>
    /// <param name="surface">The surface.</param>
    /// <param name="faces">The faces of the patch.</param>
    /// <param name="seam">Edges (smaller vertex first) along which the patch is cut.</param>
    /// <exception cref="InvalidOperationException">The cut patch is not a disc.</exception>
    public ChartUnwrap(SculptedSurface surface, int[] faces, HashSet<(int, int)> seam)
    {
        (_surface, _faces) = (surface, faces);
        SplitVertices(seam);
        FindBorder();
    }

    /// <summary>The surface vertex of each vertex of the chart.</summary>
    public IReadOnlyList<int> VertexOf => _vertexOf;

    /// <summary>The chart's border vertices, counter-clockwise.</summary>
    public IReadOnlyList<int> Border => _border;

    /// <summary>Returns the chart's vertex at a corner of a face.</summary>
    public int VertexAt(int face, int corner) => _cornerVertex[(face, corner)];

    /// <summary>Flattens the chart into [0,1] x [0,1].</summary>
    /// <param name="anchors">
    /// Indices into <see cref="Border"/>, in ascending order, each with the fraction of the outline (counter-clockwise from its lower
    /// left corner) where it is pinned; the vertices between are distributed by length.
    /// </param>
    public (double U, double V)[] Flatten(IReadOnlyList<(int BorderIndex, double Fraction)> anchors)
    {
        int count = _vertexOf.Count;
        var uv = new (double U, double V)[count];
        bool[] pinned = new bool[count];
        for (int i = 0; i < anchors.Count; i++)
        {
            (int start, double from) = anchors[i];
            (int end, double to) = anchors[(i + 1) % anchors.Count];
            if (i + 1 == anchors.Count)
                (end, to) = (end + _border.Count, to + 1);
            double total = 0;
            for (int k = start; k < end; k++)
                total += BorderLength(k);
            double done = 0;
            for (int k = start; k < end; k++)
            {
                int v = _border[k % _border.Count];
                uv[v] = Outline(from + (to - from) * done / total);
                pinned[v] = true;
                done += BorderLength(k);
            }
        }
        Solve(uv, pinned);
        return uv;
    }

    /// <summary>Returns a point of a square whose sides bulge slightly, so that no three border points are collinear.</summary>
    private static (double U, double V) Outline(double fraction)
    {
        const double bulge = 0.06;
        double t = (fraction - Math.Floor(fraction)) * 4;
        int side = Math.Min((int)t, 3);
        t -= side;
        double inset = bulge * (1 - 4 * t * (1 - t)), along = bulge + (1 - 2 * bulge) * t;
        return side switch
        {
            0 => (along, inset),
            1 => (1 - inset, along),
            2 => (1 - along, 1 - inset),
            _ => (inset, 1 - along),
        };
    }

    private double BorderLength(int k) =>
        Vector3D.Distance(_surface.Points[_vertexOf[_border[k % _border.Count]]],
        _surface.Points[_vertexOf[_border[(k + 1) % _border.Count]]]);

    private void Solve((double U, double V)[] uv, bool[] pinned)
    {
        var weights = new SortedDictionary<int, double>[uv.Length];
        for (int v = 0; v < uv.Length; v++)
            weights[v] = [];
        foreach (int face in _faces)
        {
            for (int k = 0; k < 3; k++)
            {
                int v = VertexAt(face, k), a = VertexAt(face, (k + 1) % 3), b = VertexAt(face, (k + 2) % 3);
                Vector3D p = _surface.Points[_vertexOf[v]], toA = _surface.Points[_vertexOf[a]] - p, toB = _surface.Points[_vertexOf[b]]
                    - p;
                double half = Vector3D.Cross(toA, toB).Length / (toA.Length * toB.Length + Vector3D.Dot(toA, toB));
                weights[v][a] = weights[v].GetValueOrDefault(a) + half / toA.Length;
                weights[v][b] = weights[v].GetValueOrDefault(b) + half / toB.Length;
            }
        }
        var rows = new List<(int Vertex, int[] Others, double[] Weights)>();
        for (int v = 0; v < uv.Length; v++)
        {
            if (pinned[v])
                continue;
            double sum = weights[v].Values.Sum();
            rows.Add((v, [.. weights[v].Keys], [.. weights[v].Values.Select(w => w / sum)]));
            uv[v] = (0.5, 0.5);
        }
        for (int i = 0; i < Iterations; i++)
        {
            foreach ((int v, int[] others, double[] w) in rows)
            {
                double u = 0, t = 0;
                for (int k = 0; k < others.Length; k++)
                {
                    u += w[k] * uv[others[k]].U;
                    t += w[k] * uv[others[k]].V;
                }
                uv[v] = (uv[v].U + Overrelaxation * (u - uv[v].U), uv[v].V + Overrelaxation * (t - uv[v].V));
            }
        }
    }

    /// <summary>Gives each fan of faces around a vertex, bounded by seams or by the patch's border, a separate chart vertex.</summary>
    private void SplitVertices(HashSet<(int, int)> seam)
    {
        var corners = new Dictionary<int, List<(int Face, int Corner)>>();
        foreach (int face in _faces)
        {
            for (int k = 0; k < 3; k++)
            {
                int v = _surface.Faces[3 * face + k];
                if (!corners.TryGetValue(v, out List<(int, int)>? list))
                    corners[v] = list = [];
                list.Add((face, k));
            }
        }
        foreach ((int v, List<(int Face, int Corner)> list) in corners)
        {
            foreach ((int, int) start in list)
            {
                if (_cornerVertex.ContainsKey(start))
                    continue;
                int index = _vertexOf.Count;
                _vertexOf.Add(v);
                var open = new Stack<(int Face, int Corner)>([start]);
                _cornerVertex[start] = index;
                while (open.TryPop(out (int Face, int Corner) at))
                {
                    foreach ((int Face, int Corner) other in list)
                    {
                        if (!_cornerVertex.ContainsKey(other) && ShareOpenEdge(v, at.Face, other.Face, seam))
                        {
                            _cornerVertex[other] = index;
                            open.Push(other);
                        }
                    }
                }
            }
        }
    }

    private bool ShareOpenEdge(int v, int face, int other, HashSet<(int, int)> seam)
    {
        for (int i = 0; i < 3; i++)
        {
            int a = _surface.Faces[3 * face + i];
            if (a == v || seam.Contains(Edge(v, a)))
                continue;
            for (int k = 0; k < 3; k++)
            {
                if (_surface.Faces[3 * other + k] == a)
                    return true;
            }
        }
        return false;
    }

    private void FindBorder()
    {
        var next = new Dictionary<int, int>();
        var inner = new HashSet<(int, int)>();
        foreach (int face in _faces)
        {
            for (int k = 0; k < 3; k++)
                inner.Add((VertexAt(face, k), VertexAt(face, (k + 1) % 3)));
        }
        foreach ((int a, int b) in inner)
        {
            if (!inner.Contains((b, a)) && !next.TryAdd(a, b))
                throw new InvalidOperationException(
                    $"The border of a chart touches itself at vertex {_vertexOf[a]}, {_surface.Points[_vertexOf[a]]}.");
        }
        int edges = (3 * _faces.Length + next.Count) / 2;
        if (next.Count == 0 || _vertexOf.Count - edges + _faces.Length != 1)
            throw new InvalidOperationException(
                $"A chart of {_faces.Length} faces is not a disc (Euler characteristic {_vertexOf.Count - edges + _faces.Length}).");
        int start = next.Keys.Min();
        for (int v = start; _border.Count == 0 || v != start; v = next[v])
            _border.Add(v);
        if (_border.Count != next.Count)
            throw new InvalidOperationException($"A chart of {_faces.Length} faces has several borders.");
    }

    /// <summary>Returns an edge as a key: the smaller vertex first.</summary>
    public static (int, int) Edge(int a, int b) => a < b ? (a, b) : (b, a);
}
