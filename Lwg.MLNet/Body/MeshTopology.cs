namespace Lwg.MLNet.Body;

/// <summary>Data derived from the faces and the rest pose of a body: mirrored vertices, areas of faces, a face of each vertex.</summary>
internal sealed class MeshTopology
{
    /// <summary>Derives the topology of a body.</summary>
    /// <param name="body">The body.</param>
    public MeshTopology(BodyModel body)
    {
        ArgumentNullException.ThrowIfNull(body);
        float[] rest = body.Data.Template;
        ReadOnlySpan<int> faces = body.Faces;
        Mirror = MirrorOf(rest);
        FaceArea = new float[body.FaceCount];
        FaceOfVertex = new int[body.VertexCount];
        Array.Fill(FaceOfVertex, -1);
        for (int f = 0; f < body.FaceCount; f++)
        {
            (double nx, double ny, double nz) = Cross(rest, faces[3 * f], faces[3 * f + 1], faces[3 * f + 2]);
            FaceArea[f] = (float)(0.5 * Math.Sqrt(nx * nx + ny * ny + nz * nz));
            for (int k = 0; k < 3; k++)
            {
                if (FaceOfVertex[faces[3 * f + k]] < 0)
                    FaceOfVertex[faces[3 * f + k]] = 3 * f + k;
            }
        }
    }

    /// <summary>For each vertex, the vertex nearest to its mirror image at rest (across x = 0).</summary>
    public int[] Mirror { get; }

    /// <summary>The area of each face at rest, square metres.</summary>
    public float[] FaceArea { get; }

    /// <summary>For each vertex, one corner (3 * face + k) that uses it, or -1.</summary>
    public int[] FaceOfVertex { get; }

    internal static (double X, double Y, double Z) Cross(ReadOnlySpan<float> points, int a, int b, int c)
    {
        double ux = points[3 * b] - points[3 * a], uy = points[3 * b + 1] - points[3 * a + 1], uz = points[3 * b + 2] - points[3 * a + 2];
        double vx = points[3 * c] - points[3 * a], vy = points[3 * c + 1] - points[3 * a + 1], vz = points[3 * c + 2] - points[3 * a + 2];
        return (uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx);
    }

    private static int[] MirrorOf(float[] rest)
    {
        // Vertices are sorted into cells of 2 cm. The search widens ring by ring until no nearer vertex is possible.
        const float cell = 0.02f;
        int count = rest.Length / 3;
        var cells = new Dictionary<(int, int, int), List<int>>();
        for (int v = 0; v < count; v++)
        {
            (int, int, int) key = Cell(rest[3 * v], rest[3 * v + 1], rest[3 * v + 2]);
            if (!cells.TryGetValue(key, out List<int>? list))
                cells[key] = list = [];
            list.Add(v);
        }
        var mirror = new int[count];
        for (int v = 0; v < count; v++)
        {
            float x = -rest[3 * v], y = rest[3 * v + 1], z = rest[3 * v + 2];
            (int cx, int cy, int cz) = Cell(x, y, z);
            int best = v;
            float bestDistance = float.MaxValue;
            for (int ring = 0; ring <= 10 && (ring == 0 || bestDistance > (ring - 1) * cell * (ring - 1) * cell); ring++)
            {
                for (int dx = -ring; dx <= ring; dx++)
                {
                    for (int dy = -ring; dy <= ring; dy++)
                    {
                        for (int dz = -ring; dz <= ring; dz++)
                        {
                            if (Math.Max(Math.Abs(dx), Math.Max(Math.Abs(dy), Math.Abs(dz))) != ring
                                || !cells.TryGetValue((cx + dx, cy + dy, cz + dz), out List<int>? list))
                                continue;
                            foreach (int u in list)
                            {
                                float ex = rest[3 * u] - x, ey = rest[3 * u + 1] - y, ez = rest[3 * u + 2] - z;
                                float distance = ex * ex + ey * ey + ez * ez;
                                if (distance < bestDistance)
                                    (best, bestDistance) = (u, distance);
                            }
                        }
                    }
                }
            }
            mirror[v] = best;
        }
        return mirror;

        static (int, int, int) Cell(float x, float y, float z) =>
            ((int)MathF.Floor(x / cell), (int)MathF.Floor(y / cell), (int)MathF.Floor(z / cell));
    }
}
