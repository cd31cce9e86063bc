namespace Lwg.MLNet.Body.Sculpting;

internal static partial class Anatomy
{
    private static void AddHead(Sculpture body)
    {
        // Neck.
        body.Add(new Loft(LoftAxis.Y, 0.03, 0.03,
            new(0.200, 0, -0.030, 0.066, 0.060, 0.050),
            new(0.240, 0, -0.026, 0.060, 0.052, 0.052),
            new(0.275, 0, -0.018, 0.0555, 0.052, 0.054),
            new(0.310, 0, -0.008, 0.0540, 0.054, 0.056),
            new(0.350, 0, 0.002, 0.0550, 0.050, 0.060)), 0.030);

        // Skull: the brain's case, then the face down to the chin.
        body.Add(new Ellipsoid(new(0, 0.433, 0.014), new(0.0745, 0.0870, 0.0935)), 0.020);
        body.Add(new Ellipsoid(new(0, 0.412, -0.026), new(0.0660, 0.0600, 0.0560)), 0.030);
        body.Add(new Loft(LoftAxis.Y, 0.010, 0.03,
            new(0.303, 0, 0.080, 0.0240, 0.0270, 0.020, 0.1),
            new(0.318, 0, 0.062, 0.0400, 0.0470, 0.030, 0.1),
            new(0.338, 0, 0.050, 0.0500, 0.0610, 0.040, 0.1),
            new(0.362, 0, 0.044, 0.0570, 0.0660, 0.050, 0.1),
            new(0.392, 0, 0.040, 0.0640, 0.0655, 0.060, 0.15),
            new(0.425, 0, 0.030, 0.0680, 0.0750, 0.070, 0.15),
            new(0.450, 0, 0.020, 0.0690, 0.0830, 0.070, 0.1)), 0.016);

        // Jaw's corner, cheekbone, chin.
        body.Add(new Rod(new(0.050, 0.332, 0.030), new(0.018, 0.306, 0.086), 0.0130, 0.0140), 0.022);
        body.Add(new Rod(new(0.054, 0.385, 0.060), new(0.040, 0.374, 0.086), 0.0130, 0.0120), 0.020);
        body.Add(new Ellipsoid(new(0, 0.306, 0.096), new(0.0170, 0.0125, 0.0130)), 0.014);

        // Eye sockets, brow, eyeballs and lids.
        body.Carve(new Ellipsoid(new(0.0330, 0.4000, 0.1150), new(0.0200, 0.0115, 0.0180)), 0.014);
        body.Add(new Rod(new(0.010, 0.4190, 0.1030), new(0.046, 0.4200, 0.0870), 0.0080, 0.0070), 0.012);
        body.Add(new Ellipsoid(new(0.0320, 0.3995, 0.0880), new(0.0150, 0.0125, 0.0150)), 0.004);

        // Nose: bridge, tip, wings, nostrils' shade.
        body.Add(new Rod(new(0, 0.4050, 0.1020), new(0, 0.3680, 0.1240), 0.0070, 0.0090), 0.010);
        body.Add(new Ellipsoid(new(0, 0.3645, 0.1265), new(0.0100, 0.0085, 0.0100)), 0.008);
        body.Add(new Ellipsoid(new(0.0125, 0.3620, 0.1150), new(0.0078, 0.0070, 0.0095)), 0.006);

        // Mouth: the muzzle, two lips and the line between.
        body.Add(new Ellipsoid(new(0, 0.3380, 0.0930), new(0.0300, 0.0220, 0.0220)), 0.016);
        body.Add(new Ellipsoid(new(0, 0.3410, 0.1120), new(0.0220, 0.0056, 0.0075)), 0.006);
        body.Add(new Ellipsoid(new(0, 0.3305, 0.1105), new(0.0190, 0.0060, 0.0075)), 0.006);
        body.Carve(new Rod(new(0, 0.3358, 0.1215), new(0.0235, 0.3352, 0.1110), 0.0026, 0.0018), 0.005);

        // Ear: shell, rim and hollow.
        Vec3 along = new(0.05, 1, -0.20), outward = new(0.90, 0, -0.44);
        body.Add(new Ellipsoid(new(0.0780, 0.3860, 0.0010), new(0.0075, 0.0310, 0.0180), outward, along), 0.008);
        body.Carve(new Ellipsoid(new(0.0860, 0.3900, 0.0040), new(0.0050, 0.0180, 0.0100), outward, along), 0.005);
    }
}
