using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

internal static partial class Anatomy
{
    private readonly record struct FingerBones(Vector3D Knuckle, Vector3D First, Vector3D Second, Vector3D Tip, double Radius);

    private static readonly Vector3D Wrist = new(0.690, 0.2190, -0.0460);

    private static readonly FingerBones[] Fingers =
    [
        new(new(0.772, 0.2150, -0.0235), new(0.816, 0.2155, -0.0165), new(0.840, 0.2115, -0.0130), new(0.858, 0.2065, -0.0110), 0.0094),
        new(new(0.776, 0.2160, -0.0450), new(0.823, 0.2170, -0.0440), new(0.851, 0.2125, -0.0430), new(0.870, 0.2070, -0.0425), 0.0096),
        new(new(0.772, 0.2150, -0.0660), new(0.815, 0.2155, -0.0715), new(0.841, 0.2110, -0.0745), new(0.860, 0.2055, -0.0760), 0.0091),
        new(new(0.762, 0.2130, -0.0855), new(0.796, 0.2125, -0.0960), new(0.815, 0.2085, -0.1015), new(0.830, 0.2040, -0.1050), 0.0080),
    ];

    private static readonly FingerBones Thumb =
        new(new(0.704, 0.2090, -0.0260), new(0.739, 0.2015, 0.0050), new(0.770, 0.1985, 0.0230), new(0.792, 0.1965, 0.0315), 0.0110);

    /// <summary>Returns the height of the hand's middle surface, which separates its back from its palm, near a point.</summary>
    public static double MiddleOfHand(Vector3D p)
    {
        (double distance, double height) = (double.MaxValue, 0);
        foreach (FingerBones finger in Fingers)
        {
            Near(Wrist, finger.Knuckle);
            Near(finger.Knuckle, finger.First);
            Near(finger.First, finger.Second);
            Near(finger.Second, finger.Tip);
        }
        Near(Thumb.Knuckle, Thumb.First);
        Near(Thumb.First, Thumb.Second);
        Near(Thumb.Second, Thumb.Tip);
        return height;

        void Near(Vector3D a, Vector3D b)
        {
            double t = Math.Clamp(Vector3D.Dot(p - a, b - a) / Vector3D.Dot(b - a, b - a), 0, 1);
            Vector3D nearest = Vector3D.Lerp(a, b, t);
            double d = Vector3D.Distance(p, nearest);
            if (d < distance)
                (distance, height) = (d, nearest.Y);
        }
    }

    private static void AddHand(Sculpture body)
    {
        // The palm is horizontal with the back of the hand up; fingers run along +x, the thumb forward.
        body.Add(new Loft(LoftAxis.X, 0.012, 0.012,
            new(0.690, -0.046, 0.219, 0.0280, 0.0165, 0.0170, 0.3),
            new(0.715, -0.047, 0.217, 0.0340, 0.0150, 0.0165, 0.4),
            new(0.745, -0.051, 0.216, 0.0395, 0.0140, 0.0155, 0.5),
            new(0.772, -0.055, 0.215, 0.0415, 0.0125, 0.0135, 0.5)), 0.015);
        body.Add(new Ellipsoid(new(0.722, 0.206, -0.020), new(0.030, 0.013, 0.017), new(1, 0, 0.55), new(0, 1, 0)), 0.014);
        body.Add(new Ellipsoid(new(0.730, 0.207, -0.078), new(0.030, 0.012, 0.012), new(1, 0, -0.2), new(0, 1, 0)), 0.014);

        foreach (FingerBones finger in Fingers)
        {
            body.Add(new Rod(finger.Knuckle, finger.First, finger.Radius * 1.04, finger.Radius * 0.98), 0.008);
            body.Add(new Rod(finger.First, finger.Second, finger.Radius, finger.Radius * 0.90), 0.004);
            body.Add(new Rod(finger.Second, finger.Tip, finger.Radius * 0.91, finger.Radius * 0.78), 0.004);
        }
        body.Add(new Rod(Thumb.Knuckle, Thumb.First, 0.0150, 0.0125), 0.012);
        body.Add(new Rod(Thumb.First, Thumb.Second, 0.0120, 0.0106), 0.006);
        body.Add(new Rod(Thumb.Second, Thumb.Tip, 0.0108, 0.0086, new(0, 1, 0), 1.15), 0.005);
    }
}
