using System.Numerics;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// Computes how much of the sky and of a wide lamp is visible from points past a mesh: the mesh is drawn from many directions, and a
/// point is lit from those in which nothing occludes it. World: metres, y up, z towards the viewer.
/// </summary>
internal sealed class SkyVisibility
{
    private const int Size = 320, SkyDirections = 96, LampDirections = 48;
    private const float Radius = 1.5f, Behind = 3, Bias = 0.012f, Lift = 0.008f;

    private readonly MeshRasterizer _rasterizer = new(Size);
    private readonly int[] _faceIndex = new int[Size * Size];
    private readonly float[] _weights = new float[Size * Size * 3];
    private readonly float[] _depth = new float[Size * Size];

    /// <summary>Computes the visibility of sky and lamp at the receivers.</summary>
    /// <param name="vertices">The occluder's vertices.</param>
    /// <param name="faces">Its faces.</param>
    /// <param name="centre">Its centre; all vertices are within 1.5 m of it.</param>
    /// <param name="lamp">The direction to the lamp.</param>
    /// <param name="points">The receivers.</param>
    /// <param name="normals">Their normals.</param>
    /// <param name="sky">Receives the visible share of the sky, weighted by the cosine, 0 to 1.</param>
    /// <param name="lampSeen">Receives the visible share of the lamp, 0 to 1.</param>
    public void Compute(Vector3[] vertices, ReadOnlySpan<int> faces, Vector3 centre, Vector3 lamp, Vector3[] points, Vector3[] normals,
        float[] sky, float[] lampSeen)
    {
        Array.Clear(sky);
        Array.Clear(lampSeen);
        float[] whole = new float[points.Length], projected = new float[3 * vertices.Length];
        for (int k = 0; k < SkyDirections + LampDirections; k++)
        {
            bool isSky = k < SkyDirections;
            Vector3 to = isSky ? OnHemisphere(k) : Vector3.Normalize(lamp + 0.24f * InDisc(k - SkyDirections, lamp));
            (Vector3 right, Vector3 up) = Basis(to);
            Draw(vertices, faces, centre, to, right, up, projected);
            for (int i = 0; i < points.Length; i++)
            {
                float cosine = Vector3.Dot(normals[i], to);
                if (isSky)
                    whole[i] += MathF.Max(cosine, 0);
                if (cosine <= 0 && isSky)
                    continue;
                Vector3 p = points[i] + Lift * normals[i] - centre;
                float seen = Seen(Vector3.Dot(p, right) / Radius, Vector3.Dot(p, up) / Radius, Behind - Vector3.Dot(p, to));
                if (isSky)
                    sky[i] += seen * cosine;
                else
                    lampSeen[i] += seen / LampDirections;
            }
        }
        for (int i = 0; i < points.Length; i++)
            sky[i] /= MathF.Max(whole[i], 1e-6f);
    }

    private void Draw(Vector3[] vertices, ReadOnlySpan<int> faces, Vector3 centre, Vector3 to, Vector3 right, Vector3 up, float[] projected)
    {
        for (int v = 0; v < vertices.Length; v++)
        {
            Vector3 p = vertices[v] - centre;
            projected[3 * v] = Vector3.Dot(p, right) / Radius;
            projected[3 * v + 1] = Vector3.Dot(p, up) / Radius;
            projected[3 * v + 2] = Behind - Vector3.Dot(p, to);
        }
        _rasterizer.Draw(projected, faces, _faceIndex, _weights);
        for (int i = 0; i < _faceIndex.Length; i++)
        {
            int face = _faceIndex[i];
            _depth[i] = face < 0 ? float.MaxValue : 1 / (_weights[3 * i] / projected[3 * faces[3 * face] + 2]
                + _weights[3 * i + 1] / projected[3 * faces[3 * face + 1] + 2]
                + _weights[3 * i + 2] / projected[3 * faces[3 * face + 2] + 2]);
        }
    }

    // Interpolates the four neighbouring depth comparisons bilinearly.
    private float Seen(float x, float y, float depth)
    {
        float column = 0.5f * (x * Size + Size - 1), row = 0.5f * (-y * Size + Size - 1);
        int i = (int)MathF.Floor(column), j = (int)MathF.Floor(row);
        if (i < 0 || j < 0 || i >= Size - 1 || j >= Size - 1)
            return 1;
        float u = column - i, v = row - j;
        return (1 - v) * ((1 - u) * Clear(j, i, depth) + u * Clear(j, i + 1, depth)) + v
            * ((1 - u) * Clear(j + 1, i, depth) + u * Clear(j + 1, i + 1, depth));
    }

    private float Clear(int row, int column, float depth) => _depth[row * Size + column] < depth - Bias ? 0 : 1;

    // Uniform over the upper half and slightly below the horizon (a spiral by the golden angle).
    private static Vector3 OnHemisphere(int k)
    {
        float y = 1 - 1.25f * (k + 0.5f) / SkyDirections, r = MathF.Sqrt(1 - y * y), angle = 2.3999632f * k;
        return new Vector3(r * MathF.Cos(angle), y, r * MathF.Sin(angle));
    }

    private static Vector3 InDisc(int k, Vector3 axis)
    {
        (Vector3 right, Vector3 up) = Basis(axis);
        float r = MathF.Sqrt((k + 0.5f) / LampDirections), angle = 2.3999632f * k;
        return r * (MathF.Cos(angle) * right + MathF.Sin(angle) * up);
    }

    // right x up points along the direction.
    private static (Vector3 Right, Vector3 Up) Basis(Vector3 direction)
    {
        Vector3 right = Vector3.Normalize(Vector3.Cross(MathF.Abs(direction.Y) > 0.9f ? Vector3.UnitZ : Vector3.UnitY, direction));
        return (right, Vector3.Cross(direction, right));
    }
}
