using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>
/// The closed mesh of the body, exactly symmetric: first the vertices with x &gt;= 0 (the left half), then the mirror images of those
/// with x &gt; 0; the second half of the faces mirrors the first.
/// </summary>
internal sealed class SculptedSurface
{
    /// <summary>Coordinates are rounded to a hundredth of a millimetre.</summary>
    private const double Resolution = 1e-5;

    private SculptedSurface(Vector3D[] points, int[] faces, int[] mirror, int halfCount)
    {
        (Points, Faces, Mirror, HalfCount) = (points, faces, mirror, halfCount);
        Neighbours = FindNeighbours();
        Normals = FindNormals();
    }

    /// <summary>The vertices.</summary>
    public Vector3D[] Points { get; }

    /// <summary>The faces, three vertices each.</summary>
    public int[] Faces { get; }

    /// <summary>The mirror image of each vertex.</summary>
    public int[] Mirror { get; }

    /// <summary>The number of vertices with x &gt;= 0; they come first.</summary>
    public int HalfCount { get; }

    /// <summary>The vertices connected to each vertex by an edge.</summary>
    public int[][] Neighbours { get; }

    /// <summary>The outward unit normal at each vertex.</summary>
    public Vector3D[] Normals { get; }

    /// <summary>The number of vertices.</summary>
    public int VertexCount => Points.Length;

    /// <summary>The number of faces.</summary>
    public int FaceCount => Faces.Length / 3;

    /// <summary>Sculpts, polygonises, remeshes and mirrors the body.</summary>
    public static SculptedSurface Build(CancellationToken cancel)
    {
        Sculpture sculpture = Anatomy.Build();
        (double[] x, double[] y, double[] z) = Anatomy.Grid();
        (List<Vector3D> points, List<int> faces) = SurfaceExtraction.Extract(sculpture, x, y, z, cancel);
        (points, faces) = SurfaceRemesher.Run(sculpture, Anatomy.EdgeLength, points, faces, rounds: 8, cancel);
        return Mirrored(points, faces);
    }

    /// <summary>Returns the centre of a face.</summary>
    public Vector3D Centroid(int face) =>
        (Points[Faces[3 * face]] + Points[Faces[3 * face + 1]] + Points[Faces[3 * face + 2]]) / 3;

    /// <summary>Averages values at the vertices with those of their neighbours <paramref name="rounds"/> times.</summary>
    /// <param name="values">[V, width], changed in place.</param>
    /// <param name="width">The number of values per vertex.</param>
    /// <param name="rounds">The number of rounds.</param>
    public void Diffuse(double[] values, int width, int rounds)
    {
        double[] next = new double[values.Length];
        for (int round = 0; round < rounds; round++)
        {
            for (int v = 0; v < VertexCount; v++)
            {
                for (int k = 0; k < width; k++)
                {
                    double sum = 0;
                    foreach (int n in Neighbours[v])
                        sum += values[n * width + k];
                    next[v * width + k] = 0.5 * values[v * width + k] + 0.5 * sum / Neighbours[v].Length;
                }
            }
            next.CopyTo(values, 0);
        }
    }

    private static SculptedSurface Mirrored(List<Vector3D> half, List<int> halfFaces)
    {
        int count = half.Count;
        var points = new List<Vector3D>(half.Select(Round));
        int[] other = new int[count];
        var mirror = new List<int>(Enumerable.Range(0, count));
        for (int v = 0; v < count; v++)
        {
            other[v] = v;
            if (points[v].X == 0)
                continue;
            other[v] = points.Count;
            mirror[v] = points.Count;
            mirror.Add(v);
            points.Add(points[v].Mirrored);
        }
        var faces = new List<int>(halfFaces);
        for (int i = 0; i < halfFaces.Count; i += 3)
            faces.AddRange([other[halfFaces[i]], other[halfFaces[i + 2]], other[halfFaces[i + 1]]]);
        return new SculptedSurface([.. points], [.. faces], [.. mirror], count);
    }

    private static Vector3D Round(Vector3D p) => new(Round(p.X), Round(p.Y), Round(p.Z));

    private static double Round(double x) => Math.Round(x / Resolution) * Resolution;

    private int[][] FindNeighbours()
    {
        var sets = new SortedSet<int>[VertexCount];
        for (int v = 0; v < sets.Length; v++)
            sets[v] = [];
        for (int i = 0; i < Faces.Length; i += 3)
        {
            for (int k = 0; k < 3; k++)
            {
                sets[Faces[i + k]].Add(Faces[i + (k + 1) % 3]);
                sets[Faces[i + (k + 1) % 3]].Add(Faces[i + k]);
            }
        }
        return [.. sets.Select(s => s.ToArray())];
    }

    private Vector3D[] FindNormals()
    {
        var normals = new Vector3D[VertexCount];
        for (int i = 0; i < Faces.Length; i += 3)
        {
            Vector3D a = Points[Faces[i]];
            Vector3D n = Vector3D.Cross(Points[Faces[i + 1]] - a, Points[Faces[i + 2]] - a);
            for (int k = 0; k < 3; k++)
                normals[Faces[i + k]] += n;
        }
        return [.. normals.Select(n => n.Normalized)];
    }
}
