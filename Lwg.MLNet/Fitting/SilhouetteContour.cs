using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Fitting;

/// <summary>Finds the vertices on the outline of a posed body where clothes follow the body: not on head, hands and feet.</summary>
internal sealed class SilhouetteContour
{
    private const int MapSize = 128, WantedCandidates = 600;
    private const double Near = 1.25 * 2.0 / MapSize;

    private readonly BodyModel _body;
    private readonly PosedBody _posed;
    private readonly MeshRasterizer _rasterizer = new(MapSize);
    private readonly float[] _points, _weights = new float[3 * MapSize * MapSize], _mask = new float[MapSize * MapSize];
    private readonly int[] _faceIndex = new int[MapSize * MapSize], _candidates;

    public SilhouetteContour(BodyModel body)
    {
        (_body, _posed, _points) = (body, new PosedBody(body), new float[3 * body.VertexCount]);
        _candidates = Candidates(body);
    }

    /// <summary>Returns the candidate vertices for outlines, evenly spread.</summary>
    public static int[] Candidates(BodyModel body)
    {
        var may = new bool[body.VertexCount];
        for (int f = 0; f < body.FaceCount; f++)
        {
            if (body.Surface.HasParts && (BodyPart)body.Surface.Part[f] is not (BodyPart.Torso or BodyPart.LeftLeg or BodyPart.RightLeg
                or BodyPart.LeftArm or BodyPart.RightArm))
                continue;
            foreach (int v in body.Faces.Slice(3 * f, 3))
                may[v] = true;
        }
        int[] all = [.. Enumerable.Range(0, may.Length).Where(v => may[v])];
        int step = Math.Max(all.Length / WantedCandidates, 1);
        return [.. all.Where((_, i) => i % step == 0)];
    }

    /// <summary>Adds the indices of the candidates that are on the outline.</summary>
    /// <param name="smpl">The 85 SMPL parameters.</param>
    /// <param name="outline">Receives the indices; cleared first.</param>
    public void Find(ReadOnlySpan<float> smpl, List<int> outline)
    {
        _body.Pose(smpl, _posed);
        Camera.Project(_posed.Vertices, new ReadOnlySmpl(smpl).Camera, _points);
        _rasterizer.Draw(_points, _body.Faces, _faceIndex, _weights);
        for (int i = 0; i < _mask.Length; i++)
            _mask[i] = _faceIndex[i] >= 0 ? 1 : 0;
        var own = new SilhouetteField(_mask, MapSize);
        outline.Clear();
        for (int c = 0; c < _candidates.Length; c++)
        {
            int v = _candidates[c];
            if (own.TryAt(_points[3 * v], -_points[3 * v + 1], out double distance, out _, out _) && Math.Abs(distance) < Near)
                outline.Add(c);
        }
    }
}
