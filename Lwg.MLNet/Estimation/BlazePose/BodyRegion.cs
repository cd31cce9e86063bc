using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation.BlazePose;

/// <summary>The rotated square of a picture in which the person is upright for the landmark network.</summary>
/// <param name="CentreX">The midpoint of the hips, in pixels of the picture.</param>
/// <param name="CentreY">The midpoint of the hips, in pixels of the picture.</param>
/// <param name="Side">The square's side, in pixels of the picture.</param>
/// <param name="Angle">The angle by which the person leans to the right, in radians.</param>
internal readonly record struct BodyRegion(float CentreX, float CentreY, float Side, float Angle)
{
    // From this overlap, and below this angle in radians, two regions give the landmark network the same picture.
    private const float AlikeFrom = 0.85f, AlikeAngle = 0.1f;

    // The ratio of the radius of the circle around the body to the distance of its farthest key point.
    private const float BeyondKeypoints = 1.1f;

    // The diameter of the circle around the body, plus a quarter.
    private const float SideOfRadius = 2.5f;

    /// <summary>Returns the region of a body from the midpoint of the hips and the top of its circle.</summary>
    public static BodyRegion Of(float hipsX, float hipsY, float topX, float topY)
    {
        float radius = MathF.Sqrt((topX - hipsX) * (topX - hipsX) + (topY - hipsY) * (topY - hipsY));
        return new BodyRegion(hipsX, hipsY, SideOfRadius * radius, MathF.PI / 2 - MathF.Atan2(hipsY - topY, topX - hipsX));
    }

    /// <summary>Returns the region of a person from 17 COCO key points; null if shoulders or hips are unknown.</summary>
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

    // The midpoint of a left key point and the right one that follows it.
    private static (float X, float Y)? Middle(ReadOnlySpan<float> keypoints, int left)
    {
        ReadOnlySpan<float> points = keypoints.Slice(3 * left, 6);
        return points[2] > 0 && points[5] > 0 ? ((points[0] + points[3]) / 2, (points[1] + points[4]) / 2) : null;
    }

    private static float Distance((float X, float Y) a, (float X, float Y) b) =>
        MathF.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y));

    /// <summary>Returns the map from the pixels of the square, sampled at a given size, to the picture's.</summary>
    public CropTransform ToPicture(int size)
    {
        float scale = Side / size, half = size / 2f;
        (float sine, float cosine) = MathF.SinCos(Angle);
        (float a, float b) = (scale * cosine, scale * sine);
        return new CropTransform(a, -b, CentreX - (a - b) * half, b, a, CentreY - (b + a) * half);
    }

    /// <summary>Returns the approximate overlap of the circles inside the two squares, 0 to 1.</summary>
    public float Overlap(in BodyRegion other)
    {
        float distance = MathF.Sqrt((CentreX - other.CentreX) * (CentreX - other.CentreX) + (CentreY - other.CentreY)
            * (CentreY - other.CentreY));
        float small = MathF.Min(Side, other.Side), large = MathF.Max(Side, other.Side);
        return MathF.Max(0, 1 - distance / small) * small / large;
    }

    /// <summary>Returns whether both regions would give the same landmarks.</summary>
    public bool IsLike(in BodyRegion other) => Overlap(other) >= AlikeFrom && MathF.Abs(Angle - other.Angle) < AlikeAngle;
}
