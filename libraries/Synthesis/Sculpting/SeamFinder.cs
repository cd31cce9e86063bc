using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>Finds paths of edges along which a chart is cut open (Dijkstra's shortest path, with a preference for one side of the
/// body).</summary>
internal static class SeamFinder
{
    private const double Reluctance = 12;

    /// <summary>Returns the cheapest path within a set of faces from any of the sources to any of the targets.</summary>
    /// <param name="surface">The surface.</param>
    /// <param name="faces">The faces whose edges may be used.</param>
    /// <param name="sources">The possible start vertices; the path touches only one of them.</param>
    /// <param name="targets">The possible end vertices; the path touches only one of them.</param>
    /// <param name="side">The direction in which the surface should face along the path.</param>
    public static List<int> Find(SculptedSurface surface, int[] faces, HashSet<int> sources, HashSet<int> targets, Vector3D side)
    {
        side = side.Normalized;
        var allowed = new HashSet<(int, int)>();
        foreach (int f in faces)
        {
            for (int k = 0; k < 3; k++)
                allowed.Add(ChartUnwrap.Edge(surface.Faces[3 * f + k], surface.Faces[3 * f + (k + 1) % 3]));
        }
        double[] cost = new double[surface.VertexCount];
        int[] from = new int[surface.VertexCount];
        Array.Fill(cost, double.MaxValue);
        var queue = new PriorityQueue<int, (double, int)>();
        foreach (int s in sources.Order())
        {
            (cost[s], from[s]) = (0, -1);
            queue.Enqueue(s, (0, s));
        }
        while (queue.TryDequeue(out int v, out (double Cost, int) at))
        {
            if (at.Cost > cost[v])
                continue;
            if (targets.Contains(v))
                return Trace(from, v);
            foreach (int n in surface.Neighbours[v])
            {
                if (sources.Contains(n) || !allowed.Contains(ChartUnwrap.Edge(v, n)))
                    continue;
                double away = 2 - Vector3D.Dot(surface.Normals[v] + surface.Normals[n], side);
                double next = cost[v] + Vector3D.Distance(surface.Points[v], surface.Points[n]) * (1 + Reluctance * away);
                if (next < cost[n])
                {
                    (cost[n], from[n]) = (next, v);
                    queue.Enqueue(n, (next, n));
                }
            }
        }
        throw new InvalidOperationException("A chart has no path for its seam.");
    }

    private static List<int> Trace(int[] from, int v)
    {
        var path = new List<int>();
        for (; v >= 0; v = from[v])
            path.Add(v);
        path.Reverse();
        return path;
    }
}
