using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Generation;

/// <summary>The maps of a body at one size. Holds its buffers; use an instance on one thread at a time.</summary>
internal sealed class ViewMaps
{
    private readonly BodyModel _body;
    private readonly PosedBody _posed;
    private readonly MeshRasterizer _rasterizer;
    private readonly float[] _projected;

    /// <summary>Allocates buffers.</summary>
    /// <param name="body">The body.</param>
    /// <param name="size">S, pixels.</param>
    public ViewMaps(BodyModel body, int size)
    {
        (_body, _posed, _rasterizer) = (body, new PosedBody(body), new MeshRasterizer(size));
        (_projected, Points, FaceIndex, Weights) =
            (new float[3 * body.VertexCount], new float[6 * body.FaceCount], new int[size * size], new float[3 * size * size]);
    }

    /// <summary>The picture points of the faces [F,3,2].</summary>
    public float[] Points { get; }

    /// <summary>The face index map [S,S].</summary>
    public int[] FaceIndex { get; }

    /// <summary>The weight map [S,S,3].</summary>
    public float[] Weights { get; }

    /// <summary>Draws a body.</summary>
    /// <param name="smpl">The 85 SMPL parameters.</param>
    public void Draw(ReadOnlySpan<float> smpl)
    {
        _body.Pose(smpl, _posed);
        Camera.Project(_posed.Vertices, new ReadOnlySmpl(smpl).Camera, _projected);
        _rasterizer.Draw(_projected, _body.Faces, FaceIndex, Weights);
        Camera.FacePoints(_projected, _body.Faces, Points);
    }
}
