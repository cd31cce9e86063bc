using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Cli;

/// <summary>Draws the built-in body in one colour, to show a pose.</summary>
internal sealed class BodyShading(int size)
{
    private static readonly Vector3 s_clay = new(214, 190, 170);
    private static readonly Vector3 s_paper = new(246, 244, 240);

    // In camera coordinates: from the upper left and the viewer's side.
    private static readonly Vector3 s_light = Vector3.Normalize(new Vector3(-0.45f, -0.6f, -0.66f));

    private readonly BodyModel _body = BodyModel.Default;
    private readonly PosedBody _posed = new(BodyModel.Default);
    private readonly Vector3[] _normals = new Vector3[BodyModel.Default.VertexCount];
    private readonly float[] _points = new float[3 * BodyModel.Default.VertexCount];
    private readonly int[] _faceIndex = new int[size * size];
    private readonly float[] _weights = new float[3 * size * size];
    private readonly MeshRasterizer _rasterizer = new(size);

    /// <summary>Draws the body in a pose.</summary>
    /// <param name="smpl">SMPL parameters [85].</param>
    public PixelBuffer Draw(ReadOnlySpan<float> smpl)
    {
        Rasterize(smpl);
        var picture = new PixelBuffer(size, size);
        for (int i = 0; i < _faceIndex.Length; i++)
            Set(picture, i, _faceIndex[i] < 0 ? s_paper : Clay(_faceIndex[i], _weights.AsSpan(3 * i, 3)));
        return picture;
    }

    /// <summary>Draws the body half transparent over a picture.</summary>
    /// <param name="square">The picture, of this size; not changed.</param>
    /// <param name="smpl">SMPL parameters [85].</param>
    public PixelBuffer DrawOver(PixelBuffer square, ReadOnlySpan<float> smpl)
    {
        Rasterize(smpl);
        PixelBuffer picture = square.Clone();
        for (int i = 0; i < _faceIndex.Length; i++)
        {
            ReadOnlySpan<byte> behind = square.Data.Slice(3 * i, 3);
            if (_faceIndex[i] >= 0)
                Set(picture, i, 0.65f * Clay(_faceIndex[i], _weights.AsSpan(3 * i, 3)) + 0.35f
                    * new Vector3(behind[0], behind[1], behind[2]));
        }
        return picture;
    }

    private void Rasterize(ReadOnlySpan<float> smpl)
    {
        _body.Pose(smpl, _posed);
        Camera.Project(_posed.Vertices, new ReadOnlySmpl(smpl).Camera, _points);
        _rasterizer.Draw(_points, _body.Faces, _faceIndex, _weights);
        ComputeNormals();
    }

    private static void Set(PixelBuffer picture, int pixel, Vector3 color)
    {
        Span<byte> bytes = picture.Data.Slice(3 * pixel, 3);
        (bytes[0], bytes[1], bytes[2]) = (Byte(color.X), Byte(color.Y), Byte(color.Z));
    }

    private Vector3 Clay(int face, ReadOnlySpan<float> weights)
    {
        ReadOnlySpan<int> corners = _body.Faces.Slice(3 * face, 3);
        Vector3 normal = Vector3.Normalize(weights[0] * _normals[corners[0]] + weights[1] * _normals[corners[1]] + weights[2]
            * _normals[corners[2]]);
        // Half Lambert: keeps the shading on the side away from the light.
        float light = 0.5f + 0.5f * Vector3.Dot(normal, s_light);
        return s_clay * (0.35f + 0.8f * light * light);
    }

    private static byte Byte(float value) => (byte)Math.Min(value, 255);

    private void ComputeNormals()
    {
        Array.Clear(_normals);
        ReadOnlySpan<int> faces = _body.Faces;
        for (int f = 0; f < faces.Length; f += 3)
        {
            (int a, int b, int c) = (faces[f], faces[f + 1], faces[f + 2]);
            Vector3 normal = Vector3.Cross(Vertex(b) - Vertex(a), Vertex(c) - Vertex(a));
            (_normals[a], _normals[b], _normals[c]) = (_normals[a] + normal, _normals[b] + normal, _normals[c] + normal);
        }
    }

    private Vector3 Vertex(int i) => new(_posed.Vertices.AsSpan(3 * i, 3));
}
