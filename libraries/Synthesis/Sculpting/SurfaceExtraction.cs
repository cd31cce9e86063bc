using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>Polygonises the half x &gt;= 0 of a sculpture by marching tetrahedra over a grid with variable steps along each
/// axis.</summary>
internal sealed class SurfaceExtraction
{
    /// <summary>The number of cells along each axis of a block; blocks far from the surface are skipped.</summary>
    private const int Block = 4;

    // The six tetrahedra of a cube around its diagonal 0-7 (corner = x + 2y + 4z).
    private static readonly int[] Tetrahedra = [0, 1, 3, 7, 0, 3, 2, 7, 0, 2, 6, 7, 0, 6, 4, 7, 0, 4, 5, 7, 0, 5, 1, 7];

    private readonly double[] _x, _y, _z, _field;
    private readonly List<Vector3D> _vertices = [];
    private readonly List<int> _faces = [];
    private readonly Dictionary<(int, int), int> _onEdge = [];

    private SurfaceExtraction(Sculpture sculpture, double[] x, double[] y, double[] z, CancellationToken cancel)
    {
        (_x, _y, _z) = (x, y, z);
        _field = Sample(sculpture, x, y, z, cancel);
    }

    /// <summary>Extracts the surface. The first x must be 0; the surface is cut open there.</summary>
    /// <returns>Vertices, and faces counter-clockwise as seen from outside.</returns>
    public static (List<Vector3D> Vertices, List<int> Faces) Extract(Sculpture sculpture, double[] x, double[] y, double[] z,
        CancellationToken cancel)
    {
        var extraction = new SurfaceExtraction(sculpture, x, y, z, cancel);
        for (int k = 0; k + 1 < z.Length; k++)
        {
            cancel.ThrowIfCancellationRequested();
            for (int j = 0; j + 1 < y.Length; j++)
            {
                for (int i = 0; i + 1 < x.Length; i++)
                    extraction.CutCube(i, j, k);
            }
        }
        return (extraction._vertices, extraction._faces);
    }

    private void CutCube(int i, int j, int k)
    {
        Span<int> cube = stackalloc int[8];
        int inside = 0;
        for (int c = 0; c < 8; c++)
        {
            cube[c] = i + (c & 1) + _x.Length * (j + (c >> 1 & 1) + _y.Length * (k + (c >> 2)));
            inside += _field[cube[c]] < 0 ? 1 : 0;
        }
        if (inside is 0 or 8)
            return;
        for (int t = 0; t < Tetrahedra.Length; t += 4)
            Cut(cube[Tetrahedra[t]], cube[Tetrahedra[t + 1]], cube[Tetrahedra[t + 2]], cube[Tetrahedra[t + 3]]);
    }

    private void Cut(int a, int b, int c, int d)
    {
        int signs = (_field[a] < 0 ? 1 : 0) | (_field[b] < 0 ? 2 : 0) | (_field[c] < 0 ? 4 : 0) | (_field[d] < 0 ? 8 : 0);
        switch (signs)
        {
            case 1 or 14: One(a, b, c, d); break;
            case 2 or 13: One(b, a, c, d); break;
            case 4 or 11: One(c, a, b, d); break;
            case 8 or 7: One(d, a, b, c); break;
            case 3 or 12: Two(a, b, c, d); break;
            case 5 or 10: Two(a, c, b, d); break;
            case 9 or 6: Two(a, d, b, c); break;
        }
    }

    // One corner lies on one side of the surface, three on the other.
    private void One(int apex, int p, int q, int r) => Face(apex, p, Vertex(apex, p), Vertex(apex, q), Vertex(apex, r));

    // a and b lie on one side, c and d on the other.
    private void Two(int a, int b, int c, int d)
    {
        (int ac, int ad, int bd, int bc) = (Vertex(a, c), Vertex(a, d), Vertex(b, d), Vertex(b, c));
        Face(a, c, ac, bd, ad);
        Face(a, c, ac, bc, bd);
    }

    // Adds a face, turned so that it faces from the corner that is inside to the one outside.
    private void Face(int node, int across, int a, int b, int c)
    {
        (int inside, int outside) = _field[node] < 0 ? (node, across) : (across, node);
        Vector3D normal = Vector3D.Cross(_vertices[b] - _vertices[a], _vertices[c] - _vertices[a]);
        bool outwards = Vector3D.Dot(normal, Node(outside) - Node(inside)) > 0;
        _faces.AddRange(outwards ? [a, b, c] : [a, c, b]);
    }

    private int Vertex(int a, int b)
    {
        (int, int) key = a < b ? (a, b) : (b, a);
        if (!_onEdge.TryGetValue(key, out int index))
        {
            (a, b) = key;
            double t = Math.Clamp(_field[a] / (_field[a] - _field[b]), 0.01, 0.99);
            index = _vertices.Count;
            _vertices.Add(Vector3D.Lerp(Node(a), Node(b), t));
            _onEdge.Add(key, index);
        }
        return index;
    }

    private Vector3D Node(int n) => new(_x[n % _x.Length], _y[n / _x.Length % _y.Length], _z[n / _x.Length / _y.Length]);

    private static double[] Sample(Sculpture sculpture, double[] x, double[] y, double[] z, CancellationToken cancel)
    {
        int nx = x.Length, ny = y.Length, nz = z.Length;
        double[] field = new double[nx * ny * nz];
        for (int k = 0; k < nz; k += Block)
        {
            cancel.ThrowIfCancellationRequested();
            for (int j = 0; j < ny; j += Block)
            {
                for (int i = 0; i < nx; i += Block)
                {
                    (int i1, int j1, int k1) = (Math.Min(i + Block, nx) - 1, Math.Min(j + Block, ny) - 1, Math.Min(k + Block, nz) - 1);
                    Vector3D low = new(x[i], y[j], z[k]), high = new(x[i1], y[j1], z[k1]);
                    double middle = sculpture.Distance(Vector3D.Lerp(low, high, 0.5));
                    bool far = Math.Abs(middle) > Vector3D.Distance(low, high) + 0.01;
                    for (int c = k; c <= k1; c++)
                    {
                        for (int b = j; b <= j1; b++)
                        {
                            for (int a = i; a <= i1; a++)
                                field[a + nx * (b + ny * c)] = far ? middle : sculpture.Distance(new Vector3D(x[a], y[b], z[c]));
                        }
                    }
                }
            }
        }
        return field;
    }
}
