using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Estimation;

/// <summary>Computes the overlap of a body's silhouette with a person's mask. Use an instance on one thread at a time.</summary>
internal sealed class BodyOverlap(BodyModel body)
{
    private const int MapSize = 96;

    private readonly PosedBody _posed = new(body);
    private readonly MeshRasterizer _rasterizer = new(MapSize);
    private readonly float[] _points = new float[3 * body.VertexCount], _weights = new float[3 * MapSize * MapSize];
    private readonly int[] _faceIndex = new int[MapSize * MapSize];

    /// <summary>Returns the intersection over union.</summary>
    /// <param name="smpl">The body, in the camera of the square.</param>
    /// <param name="mask">[S,S] over the square; values above 0.5 are on the person.</param>
    /// <param name="size">S.</param>
    public float Of(ReadOnlySpan<float> smpl, ReadOnlySpan<float> mask, int size)
    {
        body.Pose(smpl, _posed);
        Camera.Project(_posed.Vertices, new ReadOnlySmpl(smpl).Camera, _points);
        _rasterizer.Draw(_points, body.Faces, _faceIndex, _weights);
        int both = 0, either = 0;
        for (int i = 0; i < _faceIndex.Length; i++)
        {
            int x = (2 * (i % MapSize) + 1) * size / (2 * MapSize), y = (2 * (i / MapSize) + 1) * size / (2 * MapSize);
            bool inBody = _faceIndex[i] >= 0, inMask = mask[y * size + x] > 0.5f;
            both += inBody && inMask ? 1 : 0;
            either += inBody || inMask ? 1 : 0;
        }
        return either == 0 ? 0 : (float)both / either;
    }
}
