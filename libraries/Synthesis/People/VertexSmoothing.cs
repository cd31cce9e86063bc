using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Laplacian smoothing of a part of a mesh: every vertex moves towards the mean of its neighbours in several rounds.</summary>
internal sealed class VertexSmoothing
{
    private const int Rounds = 10;

    private readonly int[] _vertices, _starts, _neighbours;
    private readonly float[] _shares;
    private readonly Vector3[] _moved;

    /// <summary>Prepares the smoothing.</summary>
    /// <param name="faces">The faces [F,3].</param>
    /// <param name="rest">The vertices at rest.</param>
    /// <param name="share">Returns how far a vertex at a position moves, 0 to 1; vertices with 0 stay.</param>
    public VertexSmoothing(ReadOnlySpan<int> faces, ReadOnlySpan<Vector3> rest, Func<Vector3, float> share)
    {
        var around = new SortedSet<int>[rest.Length];
        for (int f = 0; f < faces.Length; f++)
        {
            int first = f - f % 3;
            SortedSet<int> others = around[faces[f]] ??= [];
            others.Add(faces[first + (f + 1) % 3]);
            others.Add(faces[first + (f + 2) % 3]);
        }
        (var vertices, var starts, var neighbours, var shares) = (new List<int>(), new List<int> { 0 }, new List<int>(), new List<float>());
        for (int v = 0; v < rest.Length; v++)
        {
            float s = share(rest[v]);
            if (s <= 0 || around[v] is null)
                continue;
            around[v].Remove(v);
            vertices.Add(v);
            shares.Add(0.6f * s);
            neighbours.AddRange(around[v]);
            starts.Add(neighbours.Count);
        }
        (_vertices, _starts, _neighbours, _shares, _moved) =
            ([.. vertices], [.. starts], [.. neighbours], [.. shares], new Vector3[vertices.Count]);
    }

    /// <summary>Smooths points in place.</summary>
    public void Apply(Vector3[] points)
    {
        for (int round = 0; round < Rounds; round++)
        {
            for (int k = 0; k < _vertices.Length; k++)
            {
                Vector3 sum = default;
                for (int n = _starts[k]; n < _starts[k + 1]; n++)
                    sum += points[_neighbours[n]];
                _moved[k] = Vector3.Lerp(points[_vertices[k]], sum / (_starts[k + 1] - _starts[k]), _shares[k]);
            }
            for (int k = 0; k < _vertices.Length; k++)
                points[_vertices[k]] = _moved[k];
        }
    }
}
