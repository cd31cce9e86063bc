using Lwg.MLNet.Body;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Spreads colours from vertices with known colours over the rest of a body's surface. A hidden vertex takes the mean of the known ones
/// of its own part, weighted by proximity; along arms, legs and trunk distance matters far more than around them, so that a hidden back
/// has the colours of front and sides at its own height.
/// </summary>
internal sealed class SurfaceFill
{
    // How far a colour reaches along a limb, metres; around it, the weight is 1 / (distance² + softness²).
    private const float Reach = 0.012f;
    private const float Softness = 0.02f;

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
    public void Solve(Span<float> colours, ReadOnlySpan<bool> known)
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
        for (int v = 0; v < _vertexCount; v++)
        {
            if (known[v])
                continue;
            // The part itself, else the other side's, else the nearest vertices of all.
            if (ofZone.TryGetValue(_zone[v], out List<int>? near))
                Mix(colours, v, near, mirrored: false, _axis[v]);
            else if (ofZone.TryGetValue(_mirroredZone[v], out near))
                Mix(colours, v, near, mirrored: true, _axis[v]);
            else
                Mix(colours, v, all, mirrored: false, axis: -1);
        }
    }

    private void Mix(Span<float> colours, int vertex, List<int> known, bool mirrored, int axis)
    {
        float x = mirrored ? -_rest[3 * vertex] : _rest[3 * vertex], y = _rest[3 * vertex + 1], z = _rest[3 * vertex + 2];
        double red = 0, green = 0, blue = 0, sum = 0;
        foreach (int k in known)
        {
            float dx = _rest[3 * k] - x, dy = _rest[3 * k + 1] - y, dz = _rest[3 * k + 2] - z;
            float along = axis switch { 0 => dx, 1 => dy, 2 => dz, _ => 0 };
            float squared = dx * dx + dy * dy + dz * dz - along * along + Softness * Softness;
            // A long tail along the limb, so that a part is filled even if only its far end is seen.
            float distance = along / Reach;
            double weight = 1 / ((double)squared * squared * (1 + distance * distance * distance * distance));
            red += weight * colours[k];
            green += weight * colours[_vertexCount + k];
            blue += weight * colours[2 * _vertexCount + k];
            sum += weight;
        }
        colours[vertex] = (float)(red / sum);
        colours[_vertexCount + vertex] = (float)(green / sum);
        colours[2 * _vertexCount + vertex] = (float)(blue / sum);
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
}
