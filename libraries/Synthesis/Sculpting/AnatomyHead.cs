using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

internal static partial class Anatomy
{
    private static void AddHead(Sculpture body)
    {
        // Neck, with the muscle that runs from behind the ear to the breastbone.
        body.Add(new Loft(LoftAxis.Y, 0.03, 0.03,
            new(0.200, 0, -0.030, 0.066, 0.060, 0.050),
            new(0.240, 0, -0.026, 0.060, 0.052, 0.052),
            new(0.275, 0, -0.018, 0.0525, 0.052, 0.054),
            new(0.310, 0, -0.008, 0.0500, 0.054, 0.056),
            new(0.350, 0, 0.002, 0.0510, 0.050, 0.060)), 0.030);
        body.Add(new Rod(new(0.044, 0.335, -0.006), new(0.016, 0.232, 0.024), 0.0090, 0.0085), 0.022);

        // Skull: the cranium, then the face down to the chin.
        body.Add(new Ellipsoid(new(0, 0.433, 0.014), new(0.0745, 0.0870, 0.0935)), 0.020);
        body.Add(new Ellipsoid(new(0, 0.412, -0.026), new(0.0660, 0.0600, 0.0560)), 0.030);
        body.Add(new Loft(LoftAxis.Y, 0.008, 0.03,
            new(0.302, 0, 0.082, 0.0200, 0.0270, 0.020, 0.05),
            new(0.315, 0, 0.066, 0.0350, 0.0430, 0.030, 0.05),
            new(0.335, 0, 0.052, 0.0470, 0.0590, 0.040, 0.05),
            new(0.360, 0, 0.045, 0.0560, 0.0650, 0.050, 0.05),
            new(0.390, 0, 0.040, 0.0640, 0.0660, 0.060, 0.10),
            new(0.425, 0, 0.030, 0.0680, 0.0750, 0.070, 0.15),
            new(0.450, 0, 0.020, 0.0690, 0.0830, 0.070, 0.10)), 0.016);

        // Jaw, cheekbone, cheek, chin.
        body.Add(new Rod(new(0.0465, 0.340, 0.028), new(0.015, 0.308, 0.086), 0.0120, 0.0130), 0.026);
        body.Add(new Rod(new(0.0540, 0.383, 0.058), new(0.0400, 0.374, 0.084), 0.0125, 0.0120), 0.024);
        body.Add(new Ellipsoid(new(0.0360, 0.354, 0.078), new(0.0190, 0.0230, 0.0180)), 0.022);
        body.Add(new Ellipsoid(new(0, 0.3070, 0.0970), new(0.0150, 0.0120, 0.0125)), 0.016);

        // Eye sockets, brow, eyeballs and lids.
        body.Carve(new Ellipsoid(new(0.0330, 0.3995, 0.1140), new(0.0195, 0.0115, 0.0160)), 0.014);
        body.Add(new Rod(new(0.011, 0.4180, 0.1025), new(0.046, 0.4190, 0.0865), 0.0075, 0.0062), 0.014);
        body.Add(new Ellipsoid(new(0.0320, 0.3990, 0.0880), new(0.0150, 0.0122, 0.0152)), 0.003);
        body.Carve(new Rod(new(0.0200, 0.3978, 0.1045), new(0.0440, 0.3978, 0.0995), 0.0012, 0.0012), 0.004);

        // Nose: bridge, tip, wings, the hollow under it.
        body.Add(new Rod(new(0, 0.4050, 0.1010), new(0, 0.3690, 0.1225), 0.0064, 0.0082), 0.012);
        body.Add(new Ellipsoid(new(0, 0.3655, 0.1250), new(0.0092, 0.0082, 0.0100)), 0.008);
        body.Add(new Ellipsoid(new(0.0104, 0.3630, 0.1145), new(0.0064, 0.0064, 0.0085)), 0.008);
        body.Carve(new Ellipsoid(new(0.0060, 0.3560, 0.1215), new(0.0034, 0.0034, 0.0046)), 0.004);

        // Mouth: the muzzle, two lips and the line between, the dent under the lower lip.
        body.Add(new Ellipsoid(new(0, 0.3375, 0.0940), new(0.0300, 0.0210, 0.0200)), 0.018);
        body.Add(new Rod(new(0, 0.3415, 0.1120), new(0.0170, 0.3390, 0.1060), 0.0054, 0.0030), 0.005);
        body.Add(new Rod(new(0, 0.3300, 0.1108), new(0.0150, 0.3325, 0.1050), 0.0060, 0.0034), 0.005);
        body.Carve(new Rod(new(0, 0.3362, 0.1200), new(0.0230, 0.3356, 0.1085), 0.0024, 0.0018), 0.004);
        body.Carve(new Rod(new(0, 0.3190, 0.1180), new(0.0090, 0.3200, 0.1150), 0.0050, 0.0040), 0.010);

        // Ear: shell and hollow.
        Vector3D along = new(0.10, 1, -0.20), outward = new(0.93, 0, -0.36);
        body.Add(new Ellipsoid(new(0.0755, 0.3860, 0.0010), new(0.0078, 0.0300, 0.0175), outward, along), 0.010);
        body.Carve(new Ellipsoid(new(0.0835, 0.3900, 0.0050), new(0.0050, 0.0180, 0.0095), outward, along), 0.005);
    }
}
