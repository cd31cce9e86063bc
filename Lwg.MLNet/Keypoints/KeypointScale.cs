using System.Globalization;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Keypoints;

/// <summary>Brings key points to the pixels of the picture that is used, which need not be as large as the one that was marked.</summary>
internal static class KeypointScale
{
    // Detectors follow a person a little beyond the edge.
    private const float Outside = 0.1f;

    // No person is as small as this in pixels, and none in shares of the picture is as large.
    private const float LargestShare = 2;

    /// <summary>The key points in the pixels of a picture.</summary>
    /// <param name="keypoints">As the file has them.</param>
    /// <param name="told">What the file says of the picture.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <exception cref="KeypointInputException">It cannot be told what the coordinates are.</exception>
    public static KeypointSet ToPicture(KeypointSet keypoints, MarkedPicture told, int width, int height)
    {
        (float minX, float minY, float maxX, float maxY) = keypoints.Bounds();
        if (Math.Min(minX, minY) >= -Outside && Math.Max(maxX, maxY) <= 1 + Outside)
            return Scaled(keypoints, width, height);
        if (Math.Min(minX, minY) >= -LargestShare && Math.Max(maxX, maxY) <= LargestShare)
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"The key points reach from ({minX}, {minY}) to ({maxX}, {maxY}), which are neither pixels nor shares of the "
                + $"picture from 0 to 1."));
        if (told.Width <= 0 || told.Height <= 0 || (told.Width, told.Height) == (width, height))
            return keypoints;
        string sizes = $"the file says that its picture has {told.Width} x {told.Height} pixels, but this picture has {width} x {height}";
        if ((told.Width, told.Height) == (height, width))
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"The key points are of a picture that was turned: {sizes}. Mark the picture as it is shown."));
        float margin = KeypointSet.OutsideMargin * Math.Max(told.Width, told.Height);
        if (Math.Min(minX, minY) < -margin || maxX > told.Width + margin || maxY > told.Height + margin)
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"It cannot be told which picture the key points are of: {sizes}, and they reach from ({minX}, {minY}) to ({maxX}, "
                + $"{maxY})."));
        return Scaled(keypoints, (float)width / told.Width, (float)height / told.Height);
    }

    private static KeypointSet Scaled(KeypointSet keypoints, float x, float y) => keypoints.Transform(new CropTransform(x, 0, 0, 0, y, 0));

    private static KeypointInputException Bad(string text) => new(text);
}
