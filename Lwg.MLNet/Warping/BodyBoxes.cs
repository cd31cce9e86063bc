using Lwg.MLNet.Body;

namespace Lwg.MLNet.Warping;

/// <summary>The boxes of head and body in the picture, order (minX, maxX, minY, maxY), whole pixels.</summary>
public static class BodyBoxes
{
    private const int FirstHeadKeypoint = 12;

    /// <summary>The head's box from key points 12..18 (neck, head top, nose, eyes, ears): 5 % of the picture wider on both sides and above.</summary>
    /// <param name="keypoints">The 19 key points in the picture [19,2], [-1,1].</param>
    /// <param name="size">S, the picture's width and height.</param>
    /// <param name="box">Receives 4 numbers, cut to the picture.</param>
    public static void Head(ReadOnlySpan<float> keypoints, int size, Span<float> box)
    {
        (float minX, float maxX, float minY, float maxY) = Extent(keypoints, FirstHeadKeypoint);
        Write(box, size, minX - 0.05f, maxX + 0.05f, minY - 0.05f, maxY);
    }

    /// <summary>The body's box from all 19 key points, enlarged 1.2 times about its centre.</summary>
    /// <param name="keypoints">The 19 key points in the picture [19,2], [-1,1].</param>
    /// <param name="size">S, the picture's width and height.</param>
    /// <param name="box">Receives 4 numbers, cut to the picture.</param>
    public static void Body(ReadOnlySpan<float> keypoints, int size, Span<float> box)
    {
        (float minX, float maxX, float minY, float maxY) = Extent(keypoints, 0);
        float cx = (minX + maxX) / 2, cy = (minY + maxY) / 2, w = (maxX - minX) * 1.2f, h = (maxY - minY) * 1.2f;
        Write(box, size, cx - w / 2, cx + w / 2, cy - h / 2, cy + h / 2);
    }

    private static (float MinX, float MaxX, float MinY, float MaxY) Extent(ReadOnlySpan<float> keypoints, int first)
    {
        if (keypoints.Length != 2 * Skeleton.KeypointCount)
            throw new ArgumentException($"{Skeleton.KeypointCount} key points have {2 * Skeleton.KeypointCount} numbers, but {keypoints.Length} were given.", nameof(keypoints));
        float minX = float.MaxValue, maxX = float.MinValue, minY = float.MaxValue, maxY = float.MinValue;
        for (int k = first; k < Skeleton.KeypointCount; k++)
        {
            float x = (keypoints[2 * k] + 1) / 2, y = (keypoints[2 * k + 1] + 1) / 2;
            (minX, maxX) = (Math.Min(minX, x), Math.Max(maxX, x));
            (minY, maxY) = (Math.Min(minY, y), Math.Max(maxY, y));
        }
        return (minX, maxX, minY, maxY);
    }

    private static void Write(Span<float> box, int size, float minX, float maxX, float minY, float maxY)
    {
        if (box.Length != 4)
            throw new ArgumentException($"A box has 4 numbers, but there is room for {box.Length}.", nameof(box));
        box[0] = MathF.Truncate(Math.Clamp(minX, 0, 1) * size);
        box[1] = MathF.Truncate(Math.Clamp(maxX, 0, 1) * size);
        box[2] = MathF.Truncate(Math.Clamp(minY, 0, 1) * size);
        box[3] = MathF.Truncate(Math.Clamp(maxY, 0, 1) * size);
    }
}
