using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>The sculpture of the body: trunk, limbs, head, hands and feet around the rest joints.</summary>
internal static partial class Anatomy
{
    /// <summary>Builds the whole body.</summary>
    public static Sculpture Build()
    {
        var body = new Sculpture();
        AddTrunk(body);
        AddLeg(body);
        AddFoot(body);
        AddArm(body);
        AddHand(body);
        AddHead(body);
        return body;
    }

    /// <summary>The top of the head.</summary>
    public static Vector3D Crown => new(0, 0.520, 0.014);

    /// <summary>The tip of the nose.</summary>
    public static Vector3D NoseTip => new(0, 0.3645, 0.1365);

    /// <summary>The centre of the left eye.</summary>
    public static Vector3D LeftEye => new(0.0320, 0.4000, 0.1020);

    /// <summary>The hollow of the left ear.</summary>
    public static Vector3D LeftEar => new(0.0820, 0.3860, 0.0060);

    /// <summary>Returns the desired edge length of the mesh: shorter where the shape has more detail.</summary>
    public static double EdgeLength(Vector3D p)
    {
        double length = 0.0222;
        Limit(0.0180, new(0.43, 0.21, -0.04), 0.08);
        Limit(0.0180, new(0.105, -0.69, 0.01), 0.09);
        Limit(0.0175, new(0.18, 0.19, -0.02), 0.09);
        Limit(0.0175, new(0.05, -0.33, 0), 0.10);
        Limit(0.0125, new(0, 0.42, 0.02), 0.12);
        Limit(0.0072, new(0, 0.358, 0.11), 0.062);
        Limit(0.0052, new(0, 0.350, 0.125), 0.024);
        Limit(0.0056, new(0.033, 0.40, 0.10), 0.016);
        Limit(0.0060, new(0.079, 0.385, 0.008), 0.030);
        Limit(0.0110, new(0.745, 0.215, -0.04), 0.055);
        Limit(0.0076, new(0.825, 0.212, -0.05), 0.065);
        Limit(0.0080, new(0.775, 0.200, 0.02), 0.035);
        Limit(0.0160, new(0.10, -1.12, 0.03), 0.09);
        Limit(0.0100, new(0.122, -1.15, 0.14), 0.045);
        return length;

        void Limit(double target, Vector3D center, double radius) =>
            length = Math.Min(length, target + 0.30 * Math.Max(Vector3D.Distance(p, center) - radius, 0));
    }

    /// <summary>Returns the grid planes for the first polygonisation: dense at hands, head and feet.</summary>
    public static (double[] X, double[] Y, double[] Z) Grid() => (
        Planes([0, 0.10, 0.20, 0.66, 0.90], [0.0042, 0.0055, 0.009, 0.0029]),
        Planes([-1.19, -1.07, 0.15, 0.27, 0.54], [0.0035, 0.0100, 0.0034, 0.0036]),
        Planes([-0.16, -0.12, 0.06, 0.20], [0.0060, 0.0029, 0.0040]));

    private static double[] Planes(double[] bounds, double[] steps)
    {
        var planes = new List<double> { bounds[0] };
        for (int i = 0; i < steps.Length; i++)
        {
            int count = (int)((bounds[i + 1] - bounds[i]) / steps[i]) + 1;
            for (int k = 1; k <= count; k++)
                planes.Add(bounds[i] + (bounds[i + 1] - bounds[i]) * k / count);
        }
        return [.. planes];
    }
}
