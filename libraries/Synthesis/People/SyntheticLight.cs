using System.Numerics;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>The lamp and the sky of a synthetic person; their visibility is computed by drawing the mesh from the directions of the
/// light.</summary>
internal sealed class SyntheticLight
{
    private const int MapSize = 128;

    private static readonly Vector3[] s_sky =
        [Vector3.Normalize(new(0.1f, 1, 0.5f)), Vector3.Normalize(new(-0.9f, 0.4f, 0.6f)), Vector3.Normalize(new(0.9f, 0.4f, 0.6f)),
            Vector3.Normalize(new(0, 0.2f, 1))];

    private readonly MeshRasterizer _rasterizer = new(MapSize);
    private readonly int[] _faceIndex = new int[MapSize * MapSize];
    private readonly float[] _weights = new float[3 * MapSize * MapSize], _depth = new float[MapSize * MapSize], _points, _lamp, _open;
    private Vector3 _toLamp, _lampColor, _skyColor, _bounce;
    private float _shadowStrength;

    public SyntheticLight(int vertexCount) =>
        (_points, _lamp, _open) = (new float[3 * vertexCount], new float[vertexCount], new float[vertexCount]);

    /// <summary>Draws a random lamp and sky.</summary>
    public void Draw(ref Dice dice)
    {
        float side = dice.Between(-1.2f, 1.2f), height = dice.Between(0.15f, 1.1f);
        _toLamp = Vector3.Normalize(new Vector3(MathF.Sin(side) * MathF.Cos(height), MathF.Sin(height), MathF.Cos(side)
            * MathF.Cos(height)));
        float hard = dice.Share();
        Vector3 Tint(ref Dice d, float amount) => new(1 + d.Between(-amount, amount), 1, 1 + d.Between(-amount, amount));
        _lampColor = Tint(ref dice, 0.12f) * (0.25f + 1.05f * hard);
        _skyColor = Tint(ref dice, 0.10f) * (1.15f - 0.65f * hard);
        _bounce = _skyColor * Tint(ref dice, 0.15f) * dice.Between(0.3f, 0.7f);
        _shadowStrength = dice.Between(0.5f, 1);
    }

    /// <summary>Computes the visibility at each vertex.</summary>
    public void Shine(DressedBody body)
    {
        Array.Fill(_open, 0.25f);
        foreach (Vector3 sky in s_sky)
            See(body, sky, _open, 0.75f / s_sky.Length, add: true);
        See(body, _toLamp, _lamp, 1, add: false);
    }

    /// <summary>Returns the light that a point reflects to the viewer.</summary>
    public Vector3 Shade(in Material material, Vector3 restNormal, Vector3 normal, float open, float lamp)
    {
        Vector3 n = normal;
        if (material.Relief != Vector3.Zero)
        {
            Vector3 slope = material.Relief - Vector3.Dot(material.Relief, restNormal) * restNormal;
            n = Vector3.Normalize(normal - Turned(slope, restNormal, normal));
        }
        float soft = material.Softness, cosine = Vector3.Dot(n, _toLamp);
        float direct = MathF.Max((cosine + soft) / (1 + soft), 0) * lamp;
        float up = 0.5f + 0.5f * n.Y;
        Vector3 diffuse = _lampColor * direct + Vector3.Lerp(_bounce, _skyColor, up) * open + 0.16f * _skyColor * MathF.Max(n.Z, 0) * open;
        Vector3 half = Vector3.Normalize(_toLamp + Vector3.UnitZ);
        float aim = MathF.Max(Vector3.Dot(n, half), 0);
        float highlight = material.Gloss * aim * aim * aim * aim * aim * aim * lamp;
        return material.Albedo * diffuse * 1.1f + highlight * _lampColor * 0.6f;
    }

    /// <summary>Returns the visibility of sky and lamp at a point of a face.</summary>
    public (float Open, float Lamp) At(int a, int b, int c, Vector3 w) =>
        (w.X * _open[a] + w.Y * _open[b] + w.Z * _open[c], w.X * _lamp[a] + w.Y * _lamp[b] + w.Z * _lamp[c]);

    private void See(DressedBody body, Vector3 direction, float[] seen, float share, bool add)
    {
        Vector3 right = Vector3.Normalize(Vector3.Cross(Vector3.UnitY, direction)), up = Vector3.Cross(direction, right);
        const float Scale = 0.85f;
        Vector3 centre = body.Vertices[0];
        for (int v = 0; v < body.VertexCount; v++)
        {
            Vector3 p = body.Vertices[v] - centre;
            _points[3 * v] = Scale * Vector3.Dot(p, right);
            _points[3 * v + 1] = Scale * Vector3.Dot(p, up);
            _points[3 * v + 2] = 5 - Vector3.Dot(p, direction);
        }
        ReadOnlySpan<int> faces = body.Faces.AsSpan(0, 3 * body.FaceCount);
        _rasterizer.Draw(_points.AsSpan(0, 3 * body.VertexCount), faces, _faceIndex, _weights);
        for (int i = 0; i < _depth.Length; i++)
        {
            int f = _faceIndex[i];
            _depth[i] = f < 0 ? 100 : _weights[3 * i] * _points[3 * faces[3 * f] + 2] + _weights[3 * i + 1]
                * _points[3 * faces[3 * f + 1] + 2] + _weights[3 * i + 2] * _points[3 * faces[3 * f + 2] + 2];
        }
        for (int v = 0; v < body.VertexCount; v++)
        {
            float lit = 0, x = (_points[3 * v] + 1) * MapSize / 2, y = (1 - _points[3 * v + 1]) * MapSize / 2, depth = _points[3 * v + 2]
                - 0.03f;
            for (int k = 0; k < 4; k++)
            {
                int i = (int)(x + (k % 2) * 2 - 1), j = (int)(y + (k / 2) * 2 - 1);
                bool free = i < 0 || j < 0 || i >= MapSize || j >= MapSize || _depth[j * MapSize + i] > depth;
                lit += free ? 0.25f : 0;
            }
            lit *= Blend.Step(-0.3f, 0.2f, Vector3.Dot(body.Normals[v], direction));
            seen[v] = add ? seen[v] + share * lit : 1 - _shadowStrength * (1 - lit);
        }
    }

    // Rotates a direction by the shortest rotation from one normal to another.
    private static Vector3 Turned(Vector3 d, Vector3 from, Vector3 to)
    {
        float w = 1 + Vector3.Dot(from, to);
        return w < 1e-4f ? d : Vector3.Transform(d, Quaternion.Normalize(new Quaternion(Vector3.Cross(from, to), w)));
    }
}
