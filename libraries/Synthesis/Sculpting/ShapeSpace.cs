using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>
/// The ten shape parameters, each a symmetric, linear displacement of the rest surface; one unit is about one standard deviation of
/// adults.
/// </summary>
internal sealed class ShapeSpace
{
    private readonly SculptedSurface _surface;
    private readonly double[] _skin;
    private readonly Vector3D[] _outward;

    private ShapeSpace(SculptedSurface surface, double[] skin)
    {
        (_surface, _skin) = (surface, skin);
        double[] normals = new double[3 * surface.VertexCount];
        for (int v = 0; v < surface.VertexCount; v++)
            (normals[3 * v], normals[3 * v + 1], normals[3 * v + 2]) = (surface.Normals[v].X, surface.Normals[v].Y, surface.Normals[v].Z);
        surface.Diffuse(normals, 3, rounds: 4);
        _outward = [.. Enumerable.Range(0, surface.VertexCount)
            .Select(v => new Vector3D(normals[3 * v], normals[3 * v + 1], normals[3 * v + 2]).Normalized)];
    }

    /// <summary>Computes shapedirs [V,3,10].</summary>
    public static float[] Build(SculptedSurface surface, double[] skin)
    {
        var space = new ShapeSpace(surface, skin);
        Func<int, Vector3D>[] directions =
        [
            space.Stature, space.Mass, space.ShoulderWidth, space.HipWidth, space.LegLength,
            space.ArmLength, space.HeadSize, space.Chest, space.Waist, space.LimbThickness,
        ];
        int count = surface.VertexCount, numbers = directions.Length;
        double[] field = new double[count * 3];
        float[] result = new float[count * 3 * numbers];
        for (int k = 0; k < numbers; k++)
        {
            for (int v = 0; v < surface.HalfCount; v++)
            {
                Vector3D d = directions[k](v);
                if (surface.Mirror[v] == v)
                    d = d with { X = 0 };
                int m = surface.Mirror[v];
                (field[3 * m], field[3 * m + 1], field[3 * m + 2]) = (-d.X, d.Y, d.Z);
                (field[3 * v], field[3 * v + 1], field[3 * v + 2]) = (d.X, d.Y, d.Z);
            }
            surface.Diffuse(field, 3, rounds: 2);
            for (int v = 0; v < surface.HalfCount; v++)
            {
                int m = surface.Mirror[v];
                for (int c = 0; c < 3; c++)
                {
                    float value = (float)Math.Round(field[3 * v + c], 6);
                    if (m == v && c == 0)
                        value = 0;
                    result[(3 * m + c) * numbers + k] = c == 0 ? -value : value;
                    result[(3 * v + c) * numbers + k] = value;
                }
            }
        }
        return result;
    }

    private double Head(int v) => _skin[v * Skeleton.JointCount + Skeleton.Head];

    private double Arm(int v) => Sum(v, [Skeleton.LeftShoulder, Skeleton.LeftElbow, Skeleton.LeftWrist, Skeleton.LeftHand]);

    private double Leg(int v) => Sum(v, [Skeleton.LeftHip, Skeleton.RightHip, Skeleton.LeftKnee, Skeleton.LeftAnkle, Skeleton.LeftFoot]);

    private double Sum(int v, ReadOnlySpan<int> joints)
    {
        double sum = 0;
        foreach (int j in joints)
            sum += _skin[v * Skeleton.JointCount + j];
        return sum;
    }

    /// <summary>7 cm of height; widths grow proportionally, depth and head less.</summary>
    private Vector3D Stature(int v)
    {
        const double growth = 0.0425;
        Vector3D p = _surface.Points[v], skull = new(0, 0.335, 0.010);
        Vector3D body = new(growth * p.X, growth * p.Y, 0.6 * growth * p.Z);
        Vector3D head = new Vector3D(0, growth * skull.Y, 0.6 * growth * skull.Z) + (p - skull) * (0.5 * growth);
        return Vector3D.Lerp(body, head, Head(v));
    }

    /// <summary>About 11 kg at the same height: most at belly and hips, least at head, hands and feet.</summary>
    private Vector3D Mass(int v)
    {
        Vector3D p = _surface.Points[v];
        double belly = 0.0135 * Ramp.Smooth(-0.32, -0.14, p.Y) * Ramp.Smooth(0.06, -0.10, p.Y)
            * (0.55 + 0.45 * Ramp.Smooth(-0.06, 0.06, p.Z));
        double seat = 0.0085 * Ramp.Smooth(-0.42, -0.30, p.Y) * Ramp.Smooth(-0.14, -0.26, p.Y);
        double chest = 0.0065 * Ramp.Smooth(-0.08, 0.04, p.Y) * Ramp.Smooth(0.26, 0.16, p.Y);
        double trunk = belly + seat + chest + 0.003 * Ramp.Smooth(0.20, 0.27, p.Y);
        double neck = 0.0035 * Ramp.Smooth(0.22, 0.28, p.Y);
        double face = 0.0016 * Ramp.Smooth(0.43, 0.35, p.Y) + 0.0002;
        double torso = trunk * Ramp.Smooth(0.30, 0.20, p.Y) + neck * (1 - Head(v)) * Ramp.Smooth(0.22, 0.28, p.Y);
        double thickness = (1 - Arm(v) - Leg(v) - Head(v)) * torso + Head(v) * face
            + Arm(v) * ArmThickness(p, 0.0052, 0.0030, 0.0007) + Leg(v) * LegThickness(p, 0.0080, 0.0042, 0.0007);
        return _outward[v] * thickness + AsideForThighs(v, p, 0.0080);
    }

    /// <summary>2 cm between the shoulders: each side moves 1 cm out.</summary>
    private Vector3D ShoulderWidth(int v)
    {
        Vector3D p = _surface.Points[v];
        double across = Math.Min(p.X / 0.174, 1);
        double upper = Ramp.Smooth(-0.06, 0.17, p.Y) * Ramp.Smooth(0.38, 0.27, p.Y) * (1 - Head(v));
        return new Vector3D(0.010 * across * (upper + (1 - upper) * Arm(v)), 0, 0);
    }

    /// <summary>2 cm across the hips: each side moves 1 cm out, the thighs taper back to the same knees.</summary>
    private Vector3D HipWidth(int v)
    {
        Vector3D p = _surface.Points[v];
        double across = Math.Min(p.X / 0.165, 1);
        double height = Ramp.Smooth(-0.08, -0.26, p.Y) * Ramp.Smooth(-0.66, -0.32, p.Y);
        return new Vector3D(0.010 * across * height * (1 - Arm(v)), 0, 0);
    }

    /// <summary>2.2 cm of leg length, hip to sole, below the same trunk.</summary>
    private Vector3D LegLength(int v)
    {
        Vector3D p = _surface.Points[v];
        return new Vector3D(0, -0.022 * Math.Clamp((-0.315 - p.Y) / 0.765, 0, 1), 0);
    }

    /// <summary>2 cm of arm length, shoulder to wrist; the hand is only translated.</summary>
    private Vector3D ArmLength(int v) => new(0.020 * Math.Clamp((_surface.Points[v].X - 0.190) / 0.490, 0, 1), 0, 0);

    /// <summary>3 % of the head size in all directions, about the base of the skull.</summary>
    private Vector3D HeadSize(int v) => (_surface.Points[v] - new Vector3D(0, 0.325, 0.005)) * (0.030 * Head(v));

    /// <summary>About 4 cm around the chest.</summary>
    private Vector3D Chest(int v)
    {
        Vector3D p = _surface.Points[v];
        double height = Ramp.Smooth(-0.06, 0.07, p.Y) * Ramp.Smooth(0.22, 0.13, p.Y);
        return _outward[v] * (0.0065 * height * (1 - Arm(v)) * (0.75 + 0.25 * Ramp.Smooth(-0.05, 0.05, p.Z)));
    }

    /// <summary>About 4.5 cm around the waist.</summary>
    private Vector3D Waist(int v)
    {
        Vector3D p = _surface.Points[v];
        double height = Ramp.Smooth(-0.30, -0.16, p.Y) * Ramp.Smooth(0.05, -0.08, p.Y);
        return _outward[v] * (0.0078 * height * (1 - Arm(v)) * (0.70 + 0.30 * Ramp.Smooth(-0.05, 0.05, p.Z)));
    }

    /// <summary>About 2.5 cm around thigh and upper arm, less at forearm, shank, hand and foot.</summary>
    private Vector3D LimbThickness(int v)
    {
        Vector3D p = _surface.Points[v];
        double thickness = Arm(v) * ArmThickness(p, 0.0036, 0.0024, 0.0008) + Leg(v) * LegThickness(p, 0.0044, 0.0034, 0.0012);
        return _outward[v] * thickness + AsideForThighs(v, p, 0.0044);
    }

    private static double ArmThickness(Vector3D p, double upper, double lower, double hand)
    {
        double forearm = Ramp.Smooth(0.36, 0.50, p.X), wrist = Ramp.Smooth(0.56, 0.69, p.X);
        return upper + (lower - upper) * forearm + (hand - lower) * wrist;
    }

    private static double LegThickness(Vector3D p, double thigh, double shank, double foot)
    {
        double below = Ramp.Smooth(-0.45, -0.70, p.Y), ankle = Ramp.Smooth(-0.90, -1.07, p.Y);
        return thigh + (shank - thigh) * below + (foot - shank) * ankle;
    }

    /// <summary>Moves thicker thighs apart by the same amount, so that their inner sides stay in place.</summary>
    private Vector3D AsideForThighs(int v, Vector3D p, double thickness) =>
        new(thickness * Leg(v) * Ramp.Smooth(-0.72, -0.42, p.Y) * Ramp.Smooth(0, 0.03, p.X), 0, 0);
}
