using System.Numerics.Tensors;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Spreads colours from the vertices where they are known over the rest of a body's surface: the solution of an anisotropic diffusion that
/// runs around limbs and trunk far more easily than along them, so that a hidden back takes the colours of the sides at its own height
/// (linear finite elements, conjugate gradients).
/// </summary>
internal sealed class SurfaceFill
{
    private const double AlongAxis = 0.004;
    private const int MaximumIterations = 400;

    private readonly int _vertexCount;
    private readonly int[] _starts;
    private readonly int[] _columns;
    private readonly float[] _values;
    private readonly float[] _diagonal;

    /// <param name="body">The body.</param>
    /// <param name="barrier">A height at rest (metres) on the head that colours do not cross: the hairline at the nape. NaN for none.</param>
    public SurfaceFill(BodyModel body, float barrier)
    {
        _vertexCount = body.VertexCount;
        float[] rest = body.Data.Template;
        ReadOnlySpan<int> faces = body.Faces;
        var rows = new SortedDictionary<int, double>[_vertexCount];
        for (int v = 0; v < _vertexCount; v++)
            rows[v] = [];
        Span<double> gradients = stackalloc double[9];
        for (int f = 0; f < body.FaceCount; f++)
        {
            int a = faces[3 * f], b = faces[3 * f + 1], c = faces[3 * f + 2];
            (double nx, double ny, double nz) = MeshTopology.Cross(rest, a, b, c);
            double twice = Math.Sqrt(nx * nx + ny * ny + nz * nz);
            if (twice < 1e-12 || (body.Surface.HasHead && body.Surface.Head[f] && Crosses(rest, a, b, c, barrier)))
                continue;
            // The gradient of each corner's hat function: normal x opposite edge / twice the area.
            (nx, ny, nz) = (nx / twice, ny / twice, nz / twice);
            for (int k = 0; k < 3; k++)
            {
                int p = 3 * faces[3 * f + (k + 1) % 3], q = 3 * faces[3 * f + (k + 2) % 3];
                double ex = rest[q] - rest[p], ey = rest[q + 1] - rest[p + 1], ez = rest[q + 2] - rest[p + 2];
                gradients[3 * k] = (ny * ez - nz * ey) / twice;
                gradients[3 * k + 1] = (nz * ex - nx * ez) / twice;
                gradients[3 * k + 2] = (nx * ey - ny * ex) / twice;
            }
            int axis = AxisOf(body.Surface, f);
            double along = axis < 0 ? 1 : AlongAxis;
            for (int i = 0; i < 3; i++)
            {
                for (int j = 0; j < 3; j++)
                {
                    double dot = 0;
                    for (int c2 = 0; c2 < 3; c2++)
                        dot += (c2 == axis ? along : 1) * gradients[3 * i + c2] * gradients[3 * j + c2];
                    SortedDictionary<int, double> row = rows[faces[3 * f + i]];
                    int column = faces[3 * f + j];
                    row[column] = row.GetValueOrDefault(column) + 0.5 * twice * dot;
                }
            }
        }
        _starts = new int[_vertexCount + 1];
        for (int v = 0; v < _vertexCount; v++)
            _starts[v + 1] = _starts[v] + rows[v].Count;
        _columns = [.. rows.SelectMany(r => r.Keys)];
        _values = [.. rows.SelectMany(r => r.Values.Select(x => (float)x))];
        _diagonal = [.. rows.Select((r, v) => (float)Math.Max(r.GetValueOrDefault(v), 1e-9))];
    }

    /// <summary>Replaces the colours of every vertex that is not known.</summary>
    /// <param name="colours">[3,V]: the known ones, and a first guess for the others.</param>
    /// <param name="known">[V].</param>
    public void Solve(Span<float> colours, ReadOnlySpan<bool> known)
    {
        for (int c = 0; c < 3; c++)
            SolveOne(colours.Slice(c * _vertexCount, _vertexCount), known);
    }

    private void SolveOne(Span<float> x, ReadOnlySpan<bool> known)
    {
        float low = float.MaxValue, high = float.MinValue;
        for (int v = 0; v < _vertexCount; v++)
        {
            if (known[v])
                (low, high) = (Math.Min(low, x[v]), Math.Max(high, x[v]));
        }
        if (low > high)
            return;

        float[] r = new float[_vertexCount], z = new float[_vertexCount], p = new float[_vertexCount], ap = new float[_vertexCount];
        Multiply(x, ap);
        for (int v = 0; v < _vertexCount; v++)
        {
            r[v] = known[v] ? 0 : -ap[v];
            z[v] = r[v] / _diagonal[v];
            p[v] = z[v];
        }
        double rz = Dot(r, z), start = rz;
        for (int i = 0; i < MaximumIterations && rz > 1e-8 * start && rz > 1e-20; i++)
        {
            Multiply(p, ap);
            for (int v = 0; v < _vertexCount; v++)
            {
                if (known[v])
                    ap[v] = 0;
            }
            float alpha = (float)(rz / Dot(p, ap));
            TensorPrimitives.MultiplyAdd<float>(p, alpha, x, x);
            TensorPrimitives.MultiplyAdd<float>(ap, -alpha, r, r);
            TensorPrimitives.Divide<float>(r, _diagonal, z);
            double next = Dot(r, z);
            TensorPrimitives.MultiplyAdd<float>(p, (float)(next / rz), z, p);
            rz = next;
        }
        // Obtuse triangles may overshoot what is known; colours must not.
        for (int v = 0; v < _vertexCount; v++)
            x[v] = Math.Clamp(x[v], low, high);
    }

    private void Multiply(ReadOnlySpan<float> x, Span<float> result)
    {
        for (int v = 0; v < _vertexCount; v++)
        {
            float sum = 0;
            for (int i = _starts[v]; i < _starts[v + 1]; i++)
                sum += _values[i] * x[_columns[i]];
            result[v] = sum;
        }
    }

    private static double Dot(float[] a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return sum;
    }

    private static bool Crosses(float[] rest, int a, int b, int c, float height)
    {
        int above = (rest[3 * a + 1] > height ? 1 : 0) + (rest[3 * b + 1] > height ? 1 : 0) + (rest[3 * c + 1] > height ? 1 : 0);
        return above is 1 or 2;
    }

    /// <summary>The axis at rest along which a face's part runs: x for arms and hands, z for feet, y for torso and legs; none for the head.</summary>
    private static int AxisOf(BodySurface surface, int face) => !surface.HasParts ? -1 : (BodyPart)surface.Part[face] switch
    {
        BodyPart.Head => -1,
        BodyPart.LeftArm or BodyPart.RightArm or BodyPart.LeftHand or BodyPart.RightHand => 0,
        BodyPart.LeftFoot or BodyPart.RightFoot => 2,
        _ => 1,
    };
}
