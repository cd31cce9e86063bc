namespace Lwg.MLNet.Estimation;

/// <summary>
/// The weights of local regression over the frames of a sequence: the weighted sum of the values gives the value of the best parabola at
/// a frame (or of the best line if the frame itself is excluded, because a parabola overshoots beyond its support).
/// </summary>
/// <param name="kept">The frames that count; at least one.</param>
/// <param name="deviation">The standard deviation of the Gaussian in frames; 0 leaves frames that count unchanged.</param>
internal sealed class LocalRegression(bool[] kept, double deviation)
{
    // Beyond this distance, the Gaussian is below 1/500.
    private const double Reach = 3.5;

    private const double SmallestDeviation = 0.5;

    private readonly double[] _weights = new double[kept.Length];
    private int _first, _end;

    /// <summary>Moves to a frame.</summary>
    /// <returns>Whether its value is a sum; otherwise it is unchanged.</returns>
    public bool At(int frame)
    {
        if (deviation == 0 && kept[frame])
            return false;
        // If all frames around are excluded, more distant frames are used.
        double sigma = Math.Max(deviation, SmallestDeviation);
        while (Gather(frame, sigma) == 0)
            sigma *= 2;
        return true;
    }

    /// <summary>Returns the sum at the frame.</summary>
    /// <param name="value">A frame's value.</param>
    public double Sum(Func<int, double> value)
    {
        double sum = 0;
        for (int i = _first; i < _end; i++)
            sum += _weights[i] == 0 ? 0 : _weights[i] * value(i);
        return sum;
    }

    private int Gather(int frame, double sigma)
    {
        int reach = (int)Math.Ceiling(Reach * sigma), count = 0;
        (_first, _end) = (Math.Max(0, frame - reach), Math.Min(kept.Length, frame + reach + 1));
        Span<double> moments = stackalloc double[5];
        moments.Clear();
        for (int i = _first; i < _end; i++)
        {
            double u = (i - frame) / sigma, weight = kept[i] ? Math.Exp(-0.5 * u * u) : 0;
            count += kept[i] ? 1 : 0;
            _weights[i] = weight;
            for (int k = 0; k < 5; k++, weight *= u)
                moments[k] += weight;
        }
        if (count == 0)
            return 0;
        (double a, double b, double c) = Solve(moments, Math.Min(count - 1, kept[frame] ? 2 : 1));
        for (int i = _first; i < _end; i++)
        {
            double u = (i - frame) / sigma;
            _weights[i] *= a + u * (b + u * c);
        }
        return count;
    }

    // The first row of the inverse of the moment matrix [[m0 m1 m2] [m1 m2 m3] [m2 m3 m4]], or of its upper left corner.
    private static (double A, double B, double C) Solve(ReadOnlySpan<double> m, int degree)
    {
        if (degree == 0)
            return (1 / m[0], 0, 0);
        if (degree == 1)
        {
            double d = m[0] * m[2] - m[1] * m[1];
            return (m[2] / d, -m[1] / d, 0);
        }
        double a = m[2] * m[4] - m[3] * m[3], b = m[2] * m[3] - m[1] * m[4], c = m[1] * m[3] - m[2] * m[2];
        double determinant = m[0] * a + m[1] * b + m[2] * c;
        return (a / determinant, b / determinant, c / determinant);
    }
}
