using System.Globalization;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Keypoints;

/// <summary>Converts key points to pixels of a picture whose size may differ from that of the marked picture.</summary>
internal static class KeypointScale
{
    // Detectors may place points slightly outside the picture, in fractions of it.
    private const float Outside = 0.1f;

    // No person in pixels is smaller than this, and none in fractions of the picture is larger.
    private const float LargestShare = 2;

    /// <summary>Returns the key points in pixels of a picture.</summary>
    /// <param name="keypoints">The key points of the file.</param>
    /// <param name="told">The description of the picture in the file.</param>
    /// <param name="width">The width of the picture, pixels.</param>
    /// <param name="height">The height of the picture, pixels.</param>
    /// <exception cref="KeypointInputException">The unit or the picture of the coordinates is unknown.</exception>
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
                $"The key points belong to a turned picture: {sizes}. Mark the picture as it is displayed."));
        float margin = KeypointSet.OutsideMargin * Math.Max(told.Width, told.Height);
        if (Math.Min(minX, minY) < -margin || maxX > told.Width + margin || maxY > told.Height + margin)
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"The picture of the key points is unknown: {sizes}, and they reach from ({minX}, {minY}) to ({maxX}, "
                + $"{maxY})."));
        return Scaled(keypoints, (float)width / told.Width, (float)height / told.Height);
    }

    private static KeypointSet Scaled(KeypointSet keypoints, float x, float y) => keypoints.Transform(new CropTransform(x, 0, 0, 0, y, 0));

    private static KeypointInputException Bad(string text) => new(text);
}
