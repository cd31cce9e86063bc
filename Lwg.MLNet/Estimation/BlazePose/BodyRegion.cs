using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

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

    // The circle around the body goes so much farther than its farthest key point.
    private const float BeyondKeypoints = 1.1f;

    // The circle around the body, and a quarter more.
    private const float SideOfRadius = 2.5f;

    /// <summary>The region of a body whose hips' middle and whose circle's top are known.</summary>
    public static BodyRegion Of(float hipsX, float hipsY, float topX, float topY)
    {
        float radius = MathF.Sqrt((topX - hipsX) * (topX - hipsX) + (topY - hipsY) * (topY - hipsY));
        return new BodyRegion(hipsX, hipsY, SideOfRadius * radius, MathF.PI / 2 - MathF.Atan2(hipsY - topY, topX - hipsX));
    }

    /// <summary>The region of a person whose 17 COCO key points are known; null where shoulders or hips are not.</summary>
    /// <param name="keypoints">x and y in pixels of the picture, confidence [17,3], or empty.</param>
    public static BodyRegion? Around(ReadOnlySpan<float> keypoints)
    {
        if (keypoints.IsEmpty
            || Middle(keypoints, CocoSkeleton.LeftHip) is not { } hips
            || Middle(keypoints, CocoSkeleton.LeftShoulder) is not { } shoulders)
            return null;
        float trunk = Distance(hips, shoulders), radius = 0;
        for (int k = 0; k < keypoints.Length; k += 3)
        {
            if (keypoints[k + 2] > 0)
                radius = MathF.Max(radius, Distance(hips, (keypoints[k], keypoints[k + 1])));
        }
        if (!(trunk > 1))
            return null;
        float reach = BeyondKeypoints * radius / trunk;
        return Of(hips.X, hips.Y, hips.X + reach * (shoulders.X - hips.X), hips.Y + reach * (shoulders.Y - hips.Y));
    }

    // The middle of a left key point and the right one after it.
    private static (float X, float Y)? Middle(ReadOnlySpan<float> keypoints, int left)
    {
        ReadOnlySpan<float> points = keypoints.Slice(3 * left, 6);
        return points[2] > 0 && points[5] > 0 ? ((points[0] + points[3]) / 2, (points[1] + points[4]) / 2) : null;
    }

    private static float Distance((float X, float Y) a, (float X, float Y) b) =>
        MathF.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y));

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
        float distance = MathF.Sqrt((CentreX - other.CentreX) * (CentreX - other.CentreX) + (CentreY - other.CentreY)
            * (CentreY - other.CentreY));
        float small = MathF.Min(Side, other.Side), large = MathF.Max(Side, other.Side);
        return MathF.Max(0, 1 - distance / small) * small / large;
    }

    /// <summary>Whether a person who was read in the one region would be read alike in the other.</summary>
    public bool IsLike(in BodyRegion other) => Overlap(other) >= AlikeFrom && MathF.Abs(Angle - other.Angle) < AlikeAngle;
}
