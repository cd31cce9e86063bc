using Lwg.MLNet.Body;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Spreads colours from vertices with known colours over the rest of a body's surface. A hidden vertex takes the mean or the geometric
/// median of the known ones of its own part, weighted by proximity; along arms, legs and trunk distance matters far more than around them,
/// so that a hidden back has the colours of front and sides at its own height. The median also reads the other side of the trunk, and
/// leaves out what only a smaller part of a height shows: a patch of sunlight, a tie, a logo.
/// </summary>
internal sealed class SurfaceFill
{
    // How far a colour reaches along a limb, metres; around it, the weight is 1 / (distance² + softness²).
    private const float Reach = 0.012f;
    private const float Softness = 0.02f;

    // The weight of the other side of the trunk.
    private const double OtherSide = 0.5;

    // For the median, weights below this share of the largest are dropped.
    private const double LeastWeight = 1e-3;

    // The steps towards the geometric median (Weiszfeld 1937), and the distance below which colours are averaged: shades of one cloth.
    private const int MedianSteps = 6;
    private const double SameCloth = 0.25;

    private readonly int _vertexCount;
    private readonly float[] _rest;
    private readonly int[] _zone;
    private readonly int[] _mirroredZone;
    private readonly int[] _axis;

    /// <param name="body">The body.</param>
    /// <param name="topology">Its topology.</param>
    /// <param name="nape">The height of the template (metres) that colours of the head do not cross: the hairline at the nape. NaN for
    /// none.</param>
    public SurfaceFill(BodyModel body, MeshTopology topology, float nape)
    {
        _vertexCount = body.VertexCount;
        _rest = body.Data.Template;
        _zone = new int[_vertexCount];
        _mirroredZone = new int[_vertexCount];
        _axis = new int[_vertexCount];
        for (int v = 0; v < _vertexCount; v++)
        {
            int corner = topology.FaceOfVertex[v];
            BodyPart part = corner < 0 || !body.Surface.HasParts ? BodyPart.Torso : (BodyPart)body.Surface.Part[corner / 3];
            bool neck = part == BodyPart.Head && _rest[3 * v + 1] <= nape;
            _zone[v] = neck ? Enum.GetValues<BodyPart>().Length : (int)part;
            _axis[v] = AxisOf(part);
        }
        for (int v = 0; v < _vertexCount; v++)
            _mirroredZone[v] = _zone[topology.Mirror[v]];
    }

    /// <summary>Computes the colours of all unknown vertices.</summary>
    /// <param name="colours">[3,V]; known colours are read, the others written.</param>
    /// <param name="known">[V].</param>
    /// <param name="median">Whether the median is taken instead of the mean.</param>
    public void Solve(Span<float> colours, ReadOnlySpan<bool> known, bool median)
    {
        var all = new List<int>();
        var ofZone = new Dictionary<int, List<int>>();
        for (int v = 0; v < _vertexCount; v++)
        {
            if (!known[v])
                continue;
            all.Add(v);
            if (!ofZone.TryGetValue(_zone[v], out List<int>? list))
                ofZone[_zone[v]] = list = [];
            list.Add(v);
        }
        if (all.Count == 0)
            return;
        var around = new Samples(2 * all.Count);
        for (int v = 0; v < _vertexCount; v++)
        {
            if (known[v])
                continue;
            // The part itself, for the median with both sides of the trunk; else the other limb; else the nearest vertices of all.
            around.Clear();
            if (ofZone.TryGetValue(_zone[v], out List<int>? near))
                Weigh(v, near, mirrored: false, _axis[v], around);
            if ((around.Count == 0 || (median && _zone[v] == _mirroredZone[v])) && ofZone.TryGetValue(_mirroredZone[v], out near))
                Weigh(v, near, mirrored: true, _axis[v], around);
            if (around.Count == 0)
                Weigh(v, all, mirrored: false, axis: -1, around);
            around.Take(colours, _vertexCount, median ? LeastWeight : 0);
            (colours[v], colours[_vertexCount + v], colours[2 * _vertexCount + v]) = around.Median(median ? MedianSteps : 0);
        }
    }

    private void Weigh(int vertex, List<int> known, bool mirrored, int axis, Samples around)
    {
        float x = mirrored ? -_rest[3 * vertex] : _rest[3 * vertex], y = _rest[3 * vertex + 1], z = _rest[3 * vertex + 2];
        double side = mirrored && _zone[vertex] == _mirroredZone[vertex] ? OtherSide : 1;
        foreach (int k in known)
        {
            float dx = _rest[3 * k] - x, dy = _rest[3 * k + 1] - y, dz = _rest[3 * k + 2] - z;
            float along = axis switch { 0 => dx, 1 => dy, 2 => dz, _ => 0 };
            float squared = dx * dx + dy * dy + dz * dz - along * along + Softness * Softness;
            // A long tail along the limb, so that a part is filled even if only its far end is seen.
            float distance = along / Reach;
            around.Add(k, side / ((double)squared * squared * (1 + distance * distance * distance * distance)));
        }
    }

    /// <summary>Returns the template axis along which a part runs: x for arms and hands, z for feet, y for torso and legs; none for the
    /// head.</summary>
    private static int AxisOf(BodyPart part) => part switch
    {
        BodyPart.Head => -1,
        BodyPart.LeftArm or BodyPart.RightArm or BodyPart.LeftHand or BodyPart.RightHand => 0,
        BodyPart.LeftFoot or BodyPart.RightFoot => 2,
        _ => 1,
    };

    /// <summary>Weighted colours.</summary>
    private sealed class Samples(int capacity)
    {
        private readonly int[] _vertices = new int[capacity];
        private readonly double[] _weights = new double[capacity];
        private readonly float[] _colours = new float[3 * capacity];
        private double _largest;

        public int Count { get; private set; }

        public void Clear() => (Count, _largest) = (0, 0);

        public void Add(int vertex, double weight)
        {
            (_vertices[Count], _weights[Count]) = (vertex, weight);
            _largest = Math.Max(_largest, weight);
            Count++;
        }

        /// <summary>Drops light samples, and reads the colours [3,V] of the others.</summary>
        public void Take(ReadOnlySpan<float> colours, int vertexCount, double leastWeight)
        {
            int kept = 0;
            for (int k = 0; k < Count; k++)
            {
                if (_weights[k] < leastWeight * _largest)
                    continue;
                for (int c = 0; c < 3; c++)
                    _colours[3 * kept + c] = colours[c * vertexCount + _vertices[k]];
                _weights[kept++] = _weights[k];
            }
            Count = kept;
        }

        // Without a step it is the mean.
        public (float Red, float Green, float Blue) Median(int steps)
        {
            double r = 0, g = 0, b = 0;
            for (int step = 0; step <= steps; step++)
            {
                double red = 0, green = 0, blue = 0, sum = 0;
                for (int k = 0; k < Count; k++)
                {
                    double dr = _colours[3 * k] - r, dg = _colours[3 * k + 1] - g, db = _colours[3 * k + 2] - b;
                    double weight = _weights[k] / (step == 0 ? 1 : Math.Sqrt(dr * dr + dg * dg + db * db + SameCloth * SameCloth));
                    red += weight * _colours[3 * k];
                    green += weight * _colours[3 * k + 1];
                    blue += weight * _colours[3 * k + 2];
                    sum += weight;
                }
                (r, g, b) = (red / sum, green / sum, blue / sum);
            }
            return ((float)r, (float)g, (float)b);
        }
    }
}
