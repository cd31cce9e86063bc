namespace Lwg.MLNet.Composition;

/// <summary>An affine map of the plane: x' = A x + B y + C, y' = D x + E y + F.</summary>
internal readonly record struct PlaneAffine(double A, double B, double C, double D, double E, double F)
{
    /// <summary>Maps a point.</summary>
    public (float X, float Y) Apply(float x, float y) => ((float)(A * x + B * y + C), (float)(D * x + E * y + F));

    /// <summary>Returns the inverse map.</summary>
    public PlaneAffine Inverse()
    {
        double determinant = A * E - B * D, a = E / determinant, b = -B / determinant, d = -D / determinant, e = A / determinant;
        return new PlaneAffine(a, b, -(a * C + b * F), d, e, -(d * C + e * F));
    }
}

/// <summary>Fits the affine map between two sets of points by least squares.</summary>
internal struct AffineFit
{
    // Below the first, a determinant of the points' covariance as a share of its maximum, the points are collinear; below the second, the
    // size of the map's determinant, it flattens the plane.
    private const double LeastSpread = 1e-3, LeastArea = 0.2;

    private double _count, _x, _y, _u, _v, _xx, _xy, _yy, _xu, _xv, _yu, _yv;

    /// <summary>Adds a point (x, y) that maps to (u, v).</summary>
    public void Add(double x, double y, double u, double v)
    {
        _count++;
        (_x, _y, _u, _v) = (_x + x, _y + y, _u + u, _v + v);
        (_xx, _xy, _yy) = (_xx + x * x, _xy + x * y, _yy + y * y);
        (_xu, _xv, _yu, _yv) = (_xu + x * u, _xv + x * v, _yu + y * u, _yv + y * v);
    }

    /// <summary>Returns the map; null if the points do not determine one, or if it flattens the plane.</summary>
    /// <param name="mirrored">Whether it must mirror the plane; otherwise it must not.</param>
    public readonly PlaneAffine? Solve(bool mirrored = false)
    {
        if (_count < 3)
            return null;
        double x = _x / _count, y = _y / _count, u = _u / _count, v = _v / _count;
        double xx = _xx / _count - x * x, xy = _xy / _count - x * y, yy = _yy / _count - y * y, determinant = xx * yy - xy * xy;
        if (!(determinant > LeastSpread * (xx + yy) * (xx + yy)))
            return null;
        double xu = _xu / _count - x * u, yu = _yu / _count - y * u, xv = _xv / _count - x * v, yv = _yv / _count - y * v;
        double a = (xu * yy - yu * xy) / determinant, b = (yu * xx - xu * xy) / determinant, d = (xv * yy - yv * xy) / determinant,
            e = (yv * xx - xv * xy) / determinant;
        return (a * e - b * d) * (mirrored ? -1 : 1) > LeastArea ? new PlaneAffine(a, b, u - a * x - b * y, d, e, v - d * x - e * y) : null;
    }
}
