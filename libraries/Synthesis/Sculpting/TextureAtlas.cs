using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>Texture coordinates: one chart per limb, two for the torso and each hand, laid out in the unit square without
/// overlap.</summary>
internal sealed class TextureAtlas
{
    private const double Resolution = 1e-6;

    private readonly SculptedSurface _surface;
    private readonly Chart[] _labels;
    private readonly List<float> _uv = [];
    private readonly int[] _uvFaces;

    private TextureAtlas(SculptedSurface surface, Chart[] labels)
    {
        (_surface, _labels) = (surface, labels);
        _uvFaces = new int[surface.Faces.Length];
    }

    /// <summary>Lays out the atlas.</summary>
    /// <returns>uv [Vt,2], v up, and uv_faces [F,3].</returns>
    public static (float[] Uv, int[] UvFaces) Build(SculptedSurface surface, Chart[] labels, CancellationToken cancel)
    {
        var atlas = new TextureAtlas(surface, labels);
        atlas.AddTube(Chart.Head, Torso, null, Anatomy.Crown, new(0, 0, -1), startsBelow: true);
        atlas.AddPanel(Chart.TorsoFront);
        atlas.AddPanel(Chart.TorsoBack);
        cancel.ThrowIfCancellationRequested();
        atlas.AddTube(Chart.LeftLeg, Torso, [Chart.LeftFoot], default, new(-0.8, 0, -0.6));
        atlas.AddTube(Chart.LeftArm, Torso, [Chart.LeftHandBack, Chart.LeftPalm], default, new(0, -0.9, -0.4));
        atlas.AddTube(Chart.LeftFoot, [Chart.LeftLeg], null, new(0.116, -1.165, 0.105), new(0, -0.8, -0.6));
        atlas.AddHandSide(Chart.LeftHandBack);
        atlas.AddHandSide(Chart.LeftPalm);
        return ([.. atlas._uv], atlas._uvFaces);
    }

    private static Chart[] Torso => [Chart.TorsoFront, Chart.TorsoBack];

    /// <summary>Returns the cell of each chart: left, bottom, width, height.</summary>
    private static (double U, double V, double Width, double Height) Cell(Chart chart) => chart switch
    {
        Chart.Head => (0.01, 0.53, 0.42, 0.46),
        Chart.TorsoFront => (0.44, 0.53, 0.27, 0.46),
        Chart.TorsoBack => (0.72, 0.53, 0.27, 0.46),
        Chart.LeftLeg => (0.01, 0.01, 0.15, 0.50),
        Chart.RightLeg => (0.17, 0.01, 0.15, 0.50),
        Chart.LeftArm => (0.33, 0.01, 0.12, 0.50),
        Chart.RightArm => (0.46, 0.01, 0.12, 0.50),
        Chart.LeftHandBack => (0.59, 0.27, 0.13, 0.24),
        Chart.RightHandBack => (0.73, 0.27, 0.13, 0.24),
        Chart.LeftPalm => (0.59, 0.01, 0.13, 0.24),
        Chart.RightPalm => (0.73, 0.01, 0.13, 0.24),
        Chart.LeftFoot => (0.87, 0.27, 0.12, 0.24),
        _ => (0.87, 0.01, 0.12, 0.24),
    };

    private int[] FacesOf(Chart chart) => [.. Enumerable.Range(0, _labels.Length).Where(f => _labels[f] == chart)];

    /// <summary>Returns the vertices that a chart shares with others.</summary>
    private HashSet<int> Shared(Chart chart, Chart[] others)
    {
        HashSet<int> Of(Func<Chart, bool> wanted) =>
            [.. Enumerable.Range(0, _surface.Faces.Length).Where(i => wanted(_labels[i / 3])).Select(i => _surface.Faces[i])];
        HashSet<int> result = Of(l => l == chart);
        result.IntersectWith(Of(others.Contains));
        return result;
    }

    /// <summary>Adds a tube-shaped chart from one border (drawn at the top, unless it starts below) to another, or to a point, cut along
    /// its length.</summary>
    private void AddTube(Chart chart, Chart[] start, Chart[]? end, Vector3D endPoint, Vector3D side, bool startsBelow = false)
    {
        int[] faces = FacesOf(chart);
        HashSet<int> targets = end is null ? [Nearest(faces, endPoint)] : Shared(chart, end);
        List<int> path = SeamFinder.Find(_surface, faces, Shared(chart, start), targets, side);
        var seam = new HashSet<(int, int)>();
        for (int i = 0; i + 1 < path.Count; i++)
            seam.Add(ChartUnwrap.Edge(path[i], path[i + 1]));
        var chartMesh = new ChartUnwrap(_surface, faces, seam);

        // Along the border: start, start again (after its ring), end, end again (after the other ring, if there is one).
        List<int> border = [.. chartMesh.Border.Select(v => chartMesh.VertexOf[v])];
        int first = border.IndexOf(path[0]), second = border.LastIndexOf(path[0]);
        bool ringFirst = Between(border, first, second).All(v => !path.Contains(v));
        int origin = ringFirst ? first : second;
        int At(int index) => (index - origin + border.Count) % border.Count;
        int[] ends = [.. Enumerable.Range(0, border.Count).Where(i => border[i] == path[^1]).Select(At).Order()];
        var anchors = new List<(int, double)> { (0, 0.5), (At(ringFirst ? second : first), 0.75) };
        if (ends.Length == 2)
            anchors.AddRange([(ends[0], 1.0), (ends[1], 1.25)]);
        else
            anchors.Add((ends[0], 1.125));
        Add(chart, chartMesh, [.. anchors.Select(a => (a.Item1 + origin, startsBelow ? a.Item2 - 0.5 : a.Item2))]);
    }

    private static IEnumerable<int> Between(List<int> border, int from, int to)
    {
        for (int i = from + 1; i < to; i++)
            yield return border[i];
    }

    /// <summary>Adds a panel of the torso, from the crotch at the bottom to the neck at the top.</summary>
    private void AddPanel(Chart chart)
    {
        var mesh = new ChartUnwrap(_surface, FacesOf(chart), []);
        var middle = Enumerable.Range(0, mesh.Border.Count).Where(i => _surface.Points[mesh.VertexOf[mesh.Border[i]]].X == 0)
            .OrderBy(i => _surface.Points[mesh.VertexOf[mesh.Border[i]]].Y).ToList();
        (int low, int high) = (middle[0], middle[^1]);
        Add(chart, mesh, [(low, 0.125), (high < low ? high + mesh.Border.Count : high, 0.625)]);
    }

    /// <summary>Adds the back of a hand or its palm, with the wrist at the bottom.</summary>
    private void AddHandSide(Chart chart)
    {
        var mesh = new ChartUnwrap(_surface, FacesOf(chart), []);
        HashSet<int> wrist = Shared(chart, [Chart.LeftArm]);
        bool OnWrist(int i) => wrist.Contains(mesh.VertexOf[mesh.Border[(i + mesh.Border.Count) % mesh.Border.Count]]);
        int start = Enumerable.Range(0, mesh.Border.Count).First(i => OnWrist(i) && !OnWrist(i - 1));
        int end = start;
        while (OnWrist(end + 1))
            end++;
        Add(chart, mesh, [(start, 0), (end, 0.25)]);
    }

    private int Nearest(int[] faces, Vector3D p)
    {
        int best = _surface.Faces[3 * faces[0]];
        foreach (int f in faces)
        {
            for (int k = 0; k < 3; k++)
            {
                int v = _surface.Faces[3 * f + k];
                if (Vector3D.Distance(_surface.Points[v], p) < Vector3D.Distance(_surface.Points[best], p))
                    best = v;
            }
        }
        return best;
    }

    /// <summary>Flattens a chart into its cell, and its mirror image into the cell of the other side.</summary>
    private void Add(Chart chart, ChartUnwrap mesh, IReadOnlyList<(int, double)> anchors)
    {
        (double U, double V)[] flat = mesh.Flatten(anchors);
        int half = _surface.FaceCount / 2, first = _uv.Count / 2;
        Place(flat, Cell(chart), mirrored: false);
        int[] faces = FacesOf(chart);
        foreach (int f in faces)
        {
            for (int k = 0; k < 3; k++)
                _uvFaces[3 * f + k] = first + mesh.VertexAt(f, k);
        }
        Chart other = ChartLabels.Mirrored(chart);
        if (other == chart)
            return;
        first = _uv.Count / 2;
        Place(flat, Cell(other), mirrored: true);
        foreach (int f in faces)
        {
            for (int k = 0; k < 3; k++)
                _uvFaces[3 * (f + half) + k] = first + mesh.VertexAt(f, (3 - k) % 3);
        }
    }

    private void Place((double U, double V)[] flat, (double U, double V, double Width, double Height) cell, bool mirrored)
    {
        foreach ((double u, double v) in flat)
        {
            _uv.Add(Round(cell.U + cell.Width * (mirrored ? 1 - u : u)));
            _uv.Add(Round(cell.V + cell.Height * v));
        }
    }

    private static float Round(double x) => (float)(Math.Round(x / Resolution) * Resolution);
}
