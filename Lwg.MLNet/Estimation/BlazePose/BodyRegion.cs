using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Estimation.BlazePose;

/// <summary>The turned square of a picture in which the landmark network sees a person upright.</summary>
/// <param name="CentreX">The middle of the hips, pixels of the picture.</param>
/// <param name="CentreY">The middle of the hips, pixels of the picture.</param>
/// <param name="Side">The square's side, pixels of the picture.</param>
/// <param name="Angle">By how much the person leans to the right, radians.</param>
internal readonly record struct BodyRegion(float CentreX, float CentreY, float Side, float Angle)
{
    // From so much overlap, and below so many radians, two regions show the landmark network the same.
    private const float AlikeFrom = 0.85f, AlikeAngle = 0.1f;

    // The circle around the body, and a quarter more.
    private const float SideOfRadius = 2.5f;

    /// <summary>The region of a body whose hips' middle and whose circle's top are known.</summary>
    public static BodyRegion Of(float hipsX, float hipsY, float topX, float topY)
    {
        float radius = MathF.Sqrt((topX - hipsX) * (topX - hipsX) + (topY - hipsY) * (topY - hipsY));
        return new BodyRegion(hipsX, hipsY, SideOfRadius * radius, MathF.PI / 2 - MathF.Atan2(hipsY - topY, topX - hipsX));
    }

    /// <summary>The upright region around a box.</summary>
    public static BodyRegion Around(float minX, float minY, float maxX, float maxY) =>
        new((minX + maxX) / 2, (minY + maxY) / 2, 1.25f * MathF.Max(maxX - minX, maxY - minY), 0);

    /// <summary>Maps the pixels of the square, shown with so many a side, to the picture's.</summary>
    public CropTransform ToPicture(int size)
    {
        float scale = Side / size, half = size / 2f;
        (float sine, float cosine) = MathF.SinCos(Angle);
        (float a, float b) = (scale * cosine, scale * sine);
        return new CropTransform(a, -b, CentreX - (a - b) * half, b, a, CentreY - (b + a) * half);
    }

    /// <summary>The share of the circles inside the two squares that they have in common, roughly; 0 to 1.</summary>
    public float Overlap(in BodyRegion other)
    {
        float distance = MathF.Sqrt((CentreX - other.CentreX) * (CentreX - other.CentreX) + (CentreY - other.CentreY) * (CentreY - other.CentreY));
        float small = MathF.Min(Side, other.Side), large = MathF.Max(Side, other.Side);
        return MathF.Max(0, 1 - distance / small) * small / large;
    }

    /// <summary>Whether a person who was read in the one region would be read alike in the other.</summary>
    public bool IsLike(in BodyRegion other) => Overlap(other) >= AlikeFrom && MathF.Abs(Angle - other.Angle) < AlikeAngle;
}
