namespace Lwg.MLNet.Body.Sculpting;

/// <summary>A solid given by its (approximate) signed distance, negative inside.</summary>
internal abstract class Shape
{
    /// <summary>The corner of the bounding box with the smallest coordinates.</summary>
    public Vec3 Low { get; protected init; }

    /// <summary>The corner of the bounding box with the largest coordinates.</summary>
    public Vec3 High { get; protected init; }

    /// <summary>The signed distance, first-order right near the surface.</summary>
    public abstract double Distance(Vec3 p);

    /// <summary>The distance to the bounding box, 0 inside.</summary>
    public double BoxDistance(Vec3 p)
    {
        double x = Math.Max(Math.Max(Low.X - p.X, p.X - High.X), 0);
        double y = Math.Max(Math.Max(Low.Y - p.Y, p.Y - High.Y), 0);
        double z = Math.Max(Math.Max(Low.Z - p.Z, p.Z - High.Z), 0);
        return Math.Sqrt(x * x + y * y + z * z);
    }
}

/// <summary>An ellipsoid, whose axes may be turned.</summary>
internal sealed class Ellipsoid : Shape
{
    private readonly Vec3 _center, _radii, _axisX, _axisY, _axisZ;

    /// <summary>Makes an ellipsoid with its axes along x, y, z.</summary>
    public Ellipsoid(Vec3 center, Vec3 radii) : this(center, radii, new Vec3(1, 0, 0), new Vec3(0, 1, 0)) { }

    /// <summary>Makes an ellipsoid whose first axis is <paramref name="axisX"/> and whose second is nearest to <paramref name="axisY"/>.</summary>
    public Ellipsoid(Vec3 center, Vec3 radii, Vec3 axisX, Vec3 axisY)
    {
        (_center, _radii) = (center, radii);
        _axisX = axisX.Normalized;
        _axisZ = Vec3.Cross(_axisX, axisY).Normalized;
        _axisY = Vec3.Cross(_axisZ, _axisX);
        double reach = Math.Max(radii.X, Math.Max(radii.Y, radii.Z));
        var extent = new Vec3(reach, reach, reach);
        (Low, High) = (center - extent, center + extent);
    }

    /// <inheritdoc/>
    public override double Distance(Vec3 p)
    {
        Vec3 d = p - _center;
        double u = Vec3.Dot(d, _axisX) / _radii.X, v = Vec3.Dot(d, _axisY) / _radii.Y, w = Vec3.Dot(d, _axisZ) / _radii.Z;
        double k = Math.Sqrt(u * u + v * v + w * w);
        (u, v, w) = (u / _radii.X, v / _radii.Y, w / _radii.Z);
        double slope = Math.Sqrt(u * u + v * v + w * w);
        return slope < 1e-9 ? -Math.Min(_radii.X, Math.Min(_radii.Y, _radii.Z)) : k * (k - 1) / slope;
    }
}

/// <summary>A rod with round ends whose radius runs linearly from one end to the other, flattened if wanted.</summary>
internal sealed class Rod : Shape
{
    private readonly Vec3 _from, _along, _flat;
    private readonly double _radiusFrom, _radiusTo, _flatness;

    /// <summary>Makes a rod.</summary>
    /// <param name="from">One end of its axis.</param>
    /// <param name="to">The other.</param>
    /// <param name="radiusFrom">The radius at <paramref name="from"/>.</param>
    /// <param name="radiusTo">The radius at <paramref name="to"/>.</param>
    /// <param name="flat">The direction in which it is thinner.</param>
    /// <param name="flatness">How many times thinner.</param>
    public Rod(Vec3 from, Vec3 to, double radiusFrom, double radiusTo, Vec3 flat = default, double flatness = 1)
    {
        (_from, _along, _radiusFrom, _radiusTo) = (from, to - from, radiusFrom, radiusTo);
        (_flat, _flatness) = (flat.Normalized, flatness);
        double reach = Math.Max(radiusFrom, radiusTo);
        var extent = new Vec3(reach, reach, reach);
        Low = new Vec3(Math.Min(from.X, to.X), Math.Min(from.Y, to.Y), Math.Min(from.Z, to.Z)) - extent;
        High = new Vec3(Math.Max(from.X, to.X), Math.Max(from.Y, to.Y), Math.Max(from.Z, to.Z)) + extent;
    }

    /// <inheritdoc/>
    public override double Distance(Vec3 p)
    {
        double t = Math.Clamp(Vec3.Dot(p - _from, _along) / Vec3.Dot(_along, _along), 0, 1);
        Vec3 d = p - (_from + _along * t);
        double radius = _radiusFrom + (_radiusTo - _radiusFrom) * t;
        if (_flatness == 1)
            return d.Length - radius;
        double across = Vec3.Dot(d, _flat);
        Vec3 stretched = d + _flat * (across * (_flatness - 1));
        double k = stretched.Length;
        if (k < 1e-9)
            return -radius / _flatness;
        Vec3 slope = stretched + _flat * (Vec3.Dot(stretched, _flat) * (_flatness - 1));
        return k * (k - radius) / slope.Length;
    }
}
