namespace Lwg.MLNet.Synthesis.Sculpting;

internal static partial class Anatomy
{
    private static Section Trunk(double y, double halfWidth, double front, double back, double middle, double square = 0) =>
        new(y, 0, middle, halfWidth, front - middle, middle - back, square);

    private static void AddTrunk(Sculpture body)
    {
        body.Add(new Loft(LoftAxis.Y, 0.045, 0.03,
            Trunk(-0.345, 0.120, 0.080, -0.070, 0.008),
            Trunk(-0.30, 0.160, 0.098, -0.088, 0.006, 0.15),
            Trunk(-0.25, 0.164, 0.108, -0.092, 0.006, 0.2),
            Trunk(-0.20, 0.157, 0.110, -0.080, 0.012, 0.2),
            Trunk(-0.14, 0.143, 0.106, -0.068, 0.016, 0.2),
            Trunk(-0.09, 0.137, 0.102, -0.066, 0.016, 0.2),
            Trunk(-0.03, 0.140, 0.105, -0.076, 0.012, 0.2),
            Trunk(0.04, 0.148, 0.112, -0.098, 0.004, 0.2),
            Trunk(0.10, 0.156, 0.111, -0.113, -0.002, 0.2),
            Trunk(0.15, 0.154, 0.096, -0.118, -0.012, 0.2),
            Trunk(0.20, 0.138, 0.070, -0.112, -0.020, 0.1),
            Trunk(0.235, 0.100, 0.044, -0.098, -0.026),
            Trunk(0.265, 0.062, 0.026, -0.082, -0.026)), 0.01);

        // Trapezius, from the neck to the shoulder's end, and the girdle in front of it.
        body.Add(new Rod(new(0.030, 0.268, -0.046), new(0.150, 0.236, -0.034), 0.040, 0.034), 0.040);
        body.Add(new Rod(new(0.070, 0.190, 0.010), new(0.165, 0.222, -0.010), 0.045, 0.050), 0.045);

        // Chest, shoulder blades, flanks of the latissimus.
        body.Add(new Ellipsoid(new(0.070, 0.092, 0.058), new(0.070, 0.054, 0.056)), 0.045);
        body.Add(new Ellipsoid(new(0.078, 0.130, -0.078), new(0.058, 0.070, 0.044)), 0.040);
        body.Add(new Rod(new(0.080, -0.070, -0.020), new(0.150, 0.150, -0.050), 0.020, 0.040), 0.060);

        // Buttocks, outer hips, belly.
        body.Add(new Ellipsoid(new(0.072, -0.288, -0.054), new(0.078, 0.086, 0.066)), 0.034);
        body.Add(new Ellipsoid(new(0.118, -0.310, 0.002), new(0.058, 0.090, 0.066)), 0.040);
        body.Add(new Ellipsoid(new(0, -0.180, 0.052), new(0.085, 0.085, 0.052)), 0.050);

        // Furrow of the spine, breastbone, and collarbones.
        body.Carve(new Rod(new(0, 0.13, -0.136), new(0, -0.15, -0.086), 0.012, 0.012), 0.030);
        body.Add(new Rod(new(0.016, 0.222, 0.038), new(0.090, 0.238, 0.030), 0.0085, 0.0080), 0.014);
        body.Add(new Rod(new(0.090, 0.238, 0.030), new(0.160, 0.262, -0.012), 0.0080, 0.0100), 0.016);
    }
}
