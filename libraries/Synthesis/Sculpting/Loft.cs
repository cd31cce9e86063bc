using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>The world axis of a loft, with the two axes of its cross sections.</summary>
internal enum LoftAxis
{
    /// <summary>Along x; cross sections (a, b) = (z, y): arms.</summary>
    X,

    /// <summary>Along y; cross sections (a, b) = (x, z): trunk, legs, neck, face.</summary>
    Y,

    /// <summary>Along z; cross sections (a, b) = (x, y): feet.</summary>
    Z,
}

/// <summary>One cross section of a loft: two half ellipses that meet on the line b = <paramref name="CenterB"/>.</summary>
/// <param name="At">The position along the axis.</param>
/// <param name="CenterA">The centre along a.</param>
/// <param name="CenterB">The centre along b.</param>
/// <param name="RadiusA">The radius along a, in both directions.</param>
/// <param name="RadiusPlus">The radius towards larger b.</param>
/// <param name="RadiusMinus">The radius towards smaller b.</param>
/// <param name="Square">0 an ellipse, 1 a box with round corners (the fourth-power norm).</param>
internal readonly record struct Section(
    double At, double CenterA, double CenterB, double RadiusA, double RadiusPlus, double RadiusMinus, double Square = 0);

/// <summary>A solid lofted through cross sections, with half ellipsoids as caps.</summary>
internal sealed class Loft : Shape
{
    private const int Fields = 6;

    private readonly LoftAxis _axis;
    private readonly double _capLow, _capHigh;
    private readonly double[] _at;
    private readonly double[] _values, _slopes;

    /// <summary>Creates a loft.</summary>
    /// <param name="axis">Its axis.</param>
    /// <param name="capLow">The length of the cap at the low end.</param>
    /// <param name="capHigh">The length of the cap at the high end.</param>
    /// <param name="sections">The cross sections, in ascending order.</param>
    public Loft(LoftAxis axis, double capLow, double capHigh, params ReadOnlySpan<Section> sections)
    {
        (_axis, _capLow, _capHigh) = (axis, capLow, capHigh);
        int count = sections.Length;
        _at = new double[count];
        _values = new double[count * Fields];
        _slopes = new double[count * Fields];
        Vector3D low = new(double.MaxValue, double.MaxValue, double.MaxValue), high = low * -1;
        for (int i = 0; i < count; i++)
        {
            Section s = sections[i];
            _at[i] = s.At;
            double[] fields = [s.CenterA, s.CenterB, s.RadiusA, s.RadiusPlus, s.RadiusMinus, s.Square];
            fields.CopyTo(_values, i * Fields);
            low = new(Math.Min(low.X, s.CenterA - s.RadiusA), Math.Min(low.Y, s.CenterB - s.RadiusMinus), 0);
            high = new(Math.Max(high.X, s.CenterA + s.RadiusA), Math.Max(high.Y, s.CenterB + s.RadiusPlus), 0);
        }
        for (int f = 0; f < Fields; f++)
            Cubic.MonotoneSlopes(_at, _values, _slopes, f, Fields);
        (double start, double end) = (_at[0] - capLow, _at[^1] + capHigh);
        (Low, High) = axis switch
        {
            LoftAxis.X => (new Vector3D(start, low.Y, low.X), new Vector3D(end, high.Y, high.X)),
            LoftAxis.Y => (new Vector3D(low.X, start, low.Y), new Vector3D(high.X, end, high.Y)),
            _ => (new Vector3D(low.X, low.Y, start), new Vector3D(high.X, high.Y, end)),
        };
    }

    /// <inheritdoc/>
    public override double Distance(Vector3D p)
    {
        (double t, double a, double b) = _axis switch
        {
            LoftAxis.X => (p.X, p.Z, p.Y),
            LoftAxis.Y => (p.Y, p.X, p.Z),
            _ => (p.Z, p.X, p.Y),
        };
        double inside = Math.Clamp(t, _at[0], _at[^1]);
        Span<double> s = stackalloc double[Fields];
        Cubic.Evaluate(_at, _values, _slopes, inside, s);
        double cap = t < inside ? _capLow : _capHigh;
        double radiusB = b > s[1] ? s[3] : s[4];
        double u = (a - s[0]) / s[2], v = (b - s[1]) / radiusB, w = (t - inside) / cap;
        double uu = u * u, vv = v * v, ww = w * w;
        double round = Math.Sqrt(uu + vv + ww);
        double k = round + s[5] * (Math.Sqrt(Math.Sqrt(uu * uu + vv * vv + ww * ww)) - round);
        double slope = Math.Sqrt(uu / (s[2] * s[2]) + vv / (radiusB * radiusB) + ww / (cap * cap));
        return slope < 1e-9 ? -Math.Min(s[2], radiusB) : round * (k - 1) / slope;
    }
}

/// <summary>Monotone piecewise cubics through rows of values (Fritsch and Butland's slopes).</summary>
internal static class Cubic
{
    /// <summary>Fills column <paramref name="field"/> of the slopes.</summary>
    public static void MonotoneSlopes(double[] at, double[] values, double[] slopes, int field, int fields)
    {
        int count = at.Length;
        for (int i = 1; i + 1 < count; i++)
        {
            double before = (values[i * fields + field] - values[(i - 1) * fields + field]) / (at[i] - at[i - 1]);
            double after = (values[(i + 1) * fields + field] - values[i * fields + field]) / (at[i + 1] - at[i]);
            slopes[i * fields + field] = before * after <= 0 ? 0 : 2 * before * after / (before + after);
        }
        if (count < 2)
            return;
        slopes[field] = (values[fields + field] - values[field]) / (at[1] - at[0]);
        slopes[(count - 1) * fields + field] =
            (values[(count - 1) * fields + field] - values[(count - 2) * fields + field]) / (at[^1] - at[^2]);
    }

    /// <summary>Evaluates all columns at <paramref name="t"/>, between the first and the last position.</summary>
    public static void Evaluate(double[] at, double[] values, double[] slopes, double t, Span<double> result)
    {
        int fields = result.Length, i = 0;
        while (i + 2 < at.Length && t > at[i + 1])
            i++;
        double h = at[i + 1] - at[i], x = (t - at[i]) / h;
        double x2 = x * x, x3 = x2 * x;
        double v0 = 2 * x3 - 3 * x2 + 1, v1 = 1 - v0, s0 = (x3 - 2 * x2 + x) * h, s1 = (x3 - x2) * h;
        for (int f = 0; f < fields; f++)
        {
            int k = i * fields + f, n = k + fields;
            result[f] = v0 * values[k] + v1 * values[n] + s0 * slopes[k] + s1 * slopes[n];
        }
    }
}
