using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>A solid given by its (approximate) signed distance, negative inside.</summary>
internal abstract class Shape
{
    /// <summary>The corner of the bounding box with the smallest coordinates.</summary>
    public Vector3D Low { get; protected init; }

    /// <summary>The corner of the bounding box with the largest coordinates.</summary>
    public Vector3D High { get; protected init; }

    /// <summary>Returns the signed distance, correct to first order near the surface.</summary>
    public abstract double Distance(Vector3D p);

    /// <summary>Returns the distance to the bounding box, 0 inside.</summary>
    public double BoxDistance(Vector3D p)
    {
        double x = Math.Max(Math.Max(Low.X - p.X, p.X - High.X), 0);
        double y = Math.Max(Math.Max(Low.Y - p.Y, p.Y - High.Y), 0);
        double z = Math.Max(Math.Max(Low.Z - p.Z, p.Z - High.Z), 0);
        return Math.Sqrt(x * x + y * y + z * z);
    }
}

/// <summary>An ellipsoid with optional rotation.</summary>
internal sealed class Ellipsoid : Shape
{
    private readonly Vector3D _center, _radii, _axisX, _axisY, _axisZ;

    /// <summary>Creates an ellipsoid with axes along x, y, z.</summary>
    public Ellipsoid(Vector3D center, Vector3D radii) : this(center, radii, new Vector3D(1, 0, 0), new Vector3D(0, 1, 0)) { }

    /// <summary>Creates an ellipsoid whose first axis is <paramref name="axisX"/> and whose second is nearest to
    /// <paramref name="axisY"/>.</summary>
    public Ellipsoid(Vector3D center, Vector3D radii, Vector3D axisX, Vector3D axisY)
    {
        (_center, _radii) = (center, radii);
        _axisX = axisX.Normalized;
        _axisZ = Vector3D.Cross(_axisX, axisY).Normalized;
        _axisY = Vector3D.Cross(_axisZ, _axisX);
        double reach = Math.Max(radii.X, Math.Max(radii.Y, radii.Z));
        var extent = new Vector3D(reach, reach, reach);
        (Low, High) = (center - extent, center + extent);
    }

    /// <inheritdoc/>
    public override double Distance(Vector3D p)
    {
        Vector3D d = p - _center;
        double u = Vector3D.Dot(d, _axisX) / _radii.X, v = Vector3D.Dot(d, _axisY) / _radii.Y, w = Vector3D.Dot(d, _axisZ) / _radii.Z;
        double k = Math.Sqrt(u * u + v * v + w * w);
        (u, v, w) = (u / _radii.X, v / _radii.Y, w / _radii.Z);
        double slope = Math.Sqrt(u * u + v * v + w * w);
        return slope < 1e-9 ? -Math.Min(_radii.X, Math.Min(_radii.Y, _radii.Z)) : k * (k - 1) / slope;
    }
}

/// <summary>A rod with round ends whose radius changes linearly from one end to the other, optionally flattened.</summary>
internal sealed class Rod : Shape
{
    private readonly Vector3D _from, _along, _flat;
    private readonly double _radiusFrom, _radiusTo, _flatness;

    /// <summary>Creates a rod.</summary>
    /// <param name="from">One end of its axis.</param>
    /// <param name="to">The other end of its axis.</param>
    /// <param name="radiusFrom">The radius at <paramref name="from"/>.</param>
    /// <param name="radiusTo">The radius at <paramref name="to"/>.</param>
    /// <param name="flat">The direction in which it is thinner.</param>
    /// <param name="flatness">The factor by which it is thinner.</param>
    public Rod(Vector3D from, Vector3D to, double radiusFrom, double radiusTo, Vector3D flat = default, double flatness = 1)
    {
        (_from, _along, _radiusFrom, _radiusTo) = (from, to - from, radiusFrom, radiusTo);
        (_flat, _flatness) = (flat.Normalized, flatness);
        double reach = Math.Max(radiusFrom, radiusTo);
        var extent = new Vector3D(reach, reach, reach);
        Low = new Vector3D(Math.Min(from.X, to.X), Math.Min(from.Y, to.Y), Math.Min(from.Z, to.Z)) - extent;
        High = new Vector3D(Math.Max(from.X, to.X), Math.Max(from.Y, to.Y), Math.Max(from.Z, to.Z)) + extent;
    }

    /// <inheritdoc/>
    public override double Distance(Vector3D p)
    {
        double t = Math.Clamp(Vector3D.Dot(p - _from, _along) / Vector3D.Dot(_along, _along), 0, 1);
        Vector3D d = p - (_from + _along * t);
        double radius = _radiusFrom + (_radiusTo - _radiusFrom) * t;
        if (_flatness == 1)
            return d.Length - radius;
        double across = Vector3D.Dot(d, _flat);
        Vector3D stretched = d + _flat * (across * (_flatness - 1));
        double k = stretched.Length;
        if (k < 1e-9)
            return -radius / _flatness;
        Vector3D slope = stretched + _flat * (Vector3D.Dot(stretched, _flat) * (_flatness - 1));
        return k * (k - radius) / slope.Length;
    }
}
