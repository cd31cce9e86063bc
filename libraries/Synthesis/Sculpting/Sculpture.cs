using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>A solid modelled by adding and carving shapes one after the other, each with its own blend radius; symmetric in x.</summary>
internal sealed class Sculpture
{
    private readonly record struct Stroke(Shape Shape, double Blend, bool Carves);

    private readonly List<Stroke> _strokes = [];

    /// <summary>Adds a shape, with a fillet of about <paramref name="blend"/> metres.</summary>
    public void Add(Shape shape, double blend) => _strokes.Add(new Stroke(shape, blend, false));

    /// <summary>Removes a shape, rounding its edge over about <paramref name="blend"/> metres.</summary>
    public void Carve(Shape shape, double blend) => _strokes.Add(new Stroke(shape, blend, true));

    /// <summary>Returns the (approximate) signed distance at a point.</summary>
    public double Distance(Vector3D p)
    {
        p = new Vector3D(Math.Abs(p.X), p.Y, p.Z);
        double d = 1;
        foreach (Stroke stroke in _strokes)
        {
            double box = stroke.Shape.BoxDistance(p);
            if (stroke.Carves)
            {
                if (-box > d - stroke.Blend)
                    d = Smooth.Max(d, -stroke.Shape.Distance(p), stroke.Blend);
            }
            else if (box < d + stroke.Blend)
            {
                d = Smooth.Min(d, stroke.Shape.Distance(p), stroke.Blend);
            }
        }
        return d;
    }

    /// <summary>Returns the gradient of the distance, by central differences.</summary>
    public Vector3D Gradient(Vector3D p)
    {
        const double h = 2e-4;
        return new Vector3D(
            Distance(p + new Vector3D(h, 0, 0)) - Distance(p - new Vector3D(h, 0, 0)),
            Distance(p + new Vector3D(0, h, 0)) - Distance(p - new Vector3D(0, h, 0)),
            Distance(p + new Vector3D(0, 0, h)) - Distance(p - new Vector3D(0, 0, h))) / (2 * h);
    }

    /// <summary>Moves a point near the surface onto it; a point of the middle plane stays in that plane.</summary>
    public Vector3D Project(Vector3D p, bool inMiddle)
    {
        const double step = 0.004;
        for (int i = 0; i < 3; i++)
        {
            double d = Distance(p);
            if (Math.Abs(d) < 2e-6)
                break;
            Vector3D g = Gradient(p);
            if (inMiddle)
                g = g with { X = 0 };
            double squared = Vector3D.Dot(g, g);
            if (squared < 1e-3)
                break;
            Vector3D move = g * (-d / squared);
            if (move.Length > step)
                move *= step / move.Length;
            p += move;
        }
        return p;
    }
}
