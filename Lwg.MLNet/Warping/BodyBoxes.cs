using Lwg.MLNet.Body;

namespace Lwg.MLNet.Warping;

/// <summary>The boxes of head and body in the picture, in the order (minX, maxX, minY, maxY), in whole pixels.</summary>
internal static class BodyBoxes
{
    private const int FirstHeadKeypoint = 12;

    /// <summary>Computes the head's box from key points 12..18 (neck, head top, nose, eyes, ears), enlarged by 5 % of the picture on both
    /// sides and above.</summary>
    /// <param name="keypoints">The 19 key points in the picture [19,2], [-1,1].</param>
    /// <param name="size">S, the picture's width and height.</param>
    /// <param name="box">Receives 4 values, clipped to the picture.</param>
    public static void Head(ReadOnlySpan<float> keypoints, int size, Span<float> box)
    {
        (float minX, float maxX, float minY, float maxY) = Extent(keypoints, FirstHeadKeypoint);
        Write(box, size, minX - 0.05f, maxX + 0.05f, minY - 0.05f, maxY);
    }

    /// <summary>Computes the body's box from all 19 key points, enlarged 1.2 times about its centre.</summary>
    /// <param name="keypoints">The 19 key points in the picture [19,2], [-1,1].</param>
    /// <param name="size">S, the picture's width and height.</param>
    /// <param name="box">Receives 4 values, clipped to the picture.</param>
    public static void Body(ReadOnlySpan<float> keypoints, int size, Span<float> box)
    {
        (float minX, float maxX, float minY, float maxY) = Extent(keypoints, 0);
        float cx = (minX + maxX) / 2, cy = (minY + maxY) / 2, w = (maxX - minX) * 1.2f, h = (maxY - minY) * 1.2f;
        Write(box, size, cx - w / 2, cx + w / 2, cy - h / 2, cy + h / 2);
    }

    /// <summary>Computes the box of the visible part of the facial front.</summary>
    /// <param name="front">The map of the facial front [1,S,S] (<see cref="Rendering.BodyMaps.Front"/>).</param>
    /// <param name="size">S, the picture's width and height.</param>
    /// <param name="box">Receives 4 values, the first and last column and row, inclusive; zeros if there is no face.</param>
    /// <returns>Whether a face is visible: at least 24 pixels of it.</returns>
    public static bool Face(ReadOnlySpan<float> front, int size, Span<float> box)
    {
        const int FewestPixels = 24;
        if (front.Length != size * size || box.Length != 4)
            throw new ArgumentException($"The map has {front.Length} pixels and the box {box.Length} values; {size * size} and 4 are "
                + $"required.", nameof(front));
        int left = size, right = -1, top = size, bottom = -1, count = 0;
        for (int i = 0; i < front.Length; i++)
        {
            if (front[i] < 0.5f)
                continue;
            count++;
            (left, right) = (Math.Min(left, i % size), Math.Max(right, i % size));
            (top, bottom) = (Math.Min(top, i / size), Math.Max(bottom, i / size));
        }
        bool seen = count >= FewestPixels;
        (box[0], box[1], box[2], box[3]) = seen ? (left, right, top, bottom) : (0, 0, 0, 0);
        return seen;
    }

    private static (float MinX, float MaxX, float MinY, float MaxY) Extent(ReadOnlySpan<float> keypoints, int first)
    {
        if (keypoints.Length != 2 * Skeleton.KeypointCount)
            throw new ArgumentException($"{Skeleton.KeypointCount} key points have {2 * Skeleton.KeypointCount} coordinates, but "
                + $"{keypoints.Length} were given.", nameof(keypoints));
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
            throw new ArgumentException($"A box has 4 values, but there is room for {box.Length}.", nameof(box));
        box[0] = MathF.Truncate(Math.Clamp(minX, 0, 1) * size);
        box[1] = MathF.Truncate(Math.Clamp(maxX, 0, 1) * size);
        box[2] = MathF.Truncate(Math.Clamp(minY, 0, 1) * size);
        box[3] = MathF.Truncate(Math.Clamp(maxY, 0, 1) * size);
    }
}
