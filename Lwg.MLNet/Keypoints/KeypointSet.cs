using System.Globalization;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Keypoints;

/// <summary>The 17 COCO key points of one person: x, y in pixels (origin at the top left corner of the upright picture) and confidence in
/// [0,1]. 0 means absent; x and y are then undefined.</summary>
public sealed class KeypointSet
{
    /// <summary>The number of values of a set: 17 x (x, y, confidence).</summary>
    public const int Length = 3 * CocoSkeleton.KeypointCount;

    /// <summary>The allowed distance of a key point from the picture, as a fraction of its longer side.</summary>
    public const float OutsideMargin = 0.1f;

    /// <summary>The minimum extent of a person's key points, pixels.</summary>
    public const int SmallestPerson = 10;

    private const int FacePoints = 5;

    private readonly float[] _values;

    private KeypointSet(float[] values) => _values = values;

    /// <summary>The 51 values, [17,3]: x, y, confidence.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Returns one key point.</summary>
    /// <param name="index">The index in COCO's order (<see cref="CocoSkeleton.KeypointNames"/>).</param>
    public (float X, float Y, float Confidence) this[int index] => (_values[3 * index], _values[3 * index + 1], _values[3 * index + 2]);

    /// <summary>The number of key points with a confidence above 0.</summary>
    public int VisibleCount => Enumerable.Range(0, CocoSkeleton.KeypointCount).Count(IsVisible);

    /// <summary>Whether the confidence of a key point is above 0.</summary>
    public bool IsVisible(int index) => _values[3 * index + 2] > 0;

    /// <summary>Checks and copies 51 values.</summary>
    /// <param name="values">The values [17,3]: x, y in pixels, confidence in [0,1].</param>
    /// <exception cref="KeypointInputException">There are not 17 key points, a value is not finite, a confidence is outside [0,1], or no
    /// key point is visible.</exception>
    public static KeypointSet Create(ReadOnlySpan<float> values)
    {
        if (values.Length != Length)
            throw new KeypointInputException(
                $"{CocoSkeleton.KeypointCount} key points of 3 values each (x, y, confidence) are needed, which is {Length} values, "
                + $"but {values.Length} were given.");
        if (FaultOf(values) is { } fault)
            throw new KeypointInputException(fault);
        var result = new KeypointSet(values.ToArray());
        if (result.VisibleCount == 0)
            throw new KeypointInputException("No person: all 17 key points have confidence 0.");
        return result;
    }

    /// <summary>Returns the error in 51 values; null if there is none.</summary>
    internal static string? FaultOf(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < CocoSkeleton.KeypointCount; i++)
        {
            float x = values[3 * i], y = values[3 * i + 1], confidence = values[3 * i + 2];
            if (!float.IsFinite(x) || !float.IsFinite(y) || !float.IsFinite(confidence))
                return string.Create(CultureInfo.InvariantCulture,
                    $"Key point {i} ({CocoSkeleton.KeypointNames[i]}) is ({x}, {y}) with confidence {confidence}; all values "
                    + $"must be finite.");
            if (confidence is < 0 or > 1)
                return string.Create(CultureInfo.InvariantCulture,
                    $"Key point {i} ({CocoSkeleton.KeypointNames[i]}) has confidence {confidence}; 0 (absent) to 1 is allowed.");
        }
        return null;
    }

    /// <summary>Checks that the visible key points are in a picture, up to <see cref="OutsideMargin"/>, and are not all within a few
    /// pixels.</summary>
    /// <param name="width">The width of the picture in pixels.</param>
    /// <param name="height">The height of the picture in pixels.</param>
    /// <exception cref="KeypointInputException">A key point is farther outside, or the person is smaller than
    /// <see cref="SmallestPerson"/>.</exception>
    public void RequireInside(int width, int height)
    {
        float margin = OutsideMargin * Math.Max(width, height);
        for (int i = 0; i < CocoSkeleton.KeypointCount; i++)
        {
            (float x, float y, _) = this[i];
            if (IsVisible(i) && !(x >= -margin && y >= -margin && x <= width + margin && y <= height + margin))
                throw new KeypointInputException(
                    string.Create(CultureInfo.InvariantCulture,
                    $"Key point {i} ({CocoSkeleton.KeypointNames[i]}) is at ({x}, {y}), outside the picture of {width} x "
                    + $"{height} pixels; at most {margin:0.#} pixels beyond its edge are allowed."));
        }
        (float minX, float minY, float maxX, float maxY) = Bounds();
        float extent = Math.Max(maxX - minX, maxY - minY);
        // A face alone may be this small; another check reports too few key points.
        if (VisibleCount > FacePoints && extent < SmallestPerson)
            throw new KeypointInputException(
                string.Create(CultureInfo.InvariantCulture,
                $"The key points lie within {extent:0.##} pixels of the picture of {width} x {height}; a person of at least "
                + $"{SmallestPerson} is needed. Were they marked in pixels of this picture?"));
    }

    /// <summary>Returns the box of the visible key points, in pixels.</summary>
    public (float MinX, float MinY, float MaxX, float MaxY) Bounds()
    {
        float minX = float.PositiveInfinity, minY = minX, maxX = float.NegativeInfinity, maxY = maxX;
        for (int i = 0; i < CocoSkeleton.KeypointCount; i++)
        {
            if (!IsVisible(i))
                continue;
            (float x, float y, _) = this[i];
            (minX, maxX) = (Math.Min(minX, x), Math.Max(maxX, x));
            (minY, maxY) = (Math.Min(minY, y), Math.Max(maxY, y));
        }
        return (minX, minY, maxX, maxY);
    }

    /// <summary>Returns the height of the person, to which errors are relative: from the topmost to the lowest visible key point, in
    /// pixels.</summary>
    public float PersonHeight()
    {
        (_, float minY, _, float maxY) = Bounds();
        return maxY - minY;
    }

    /// <summary>Returns the same key points in other coordinates.</summary>
    /// <param name="transform">The transform of every x, y; the inverse of a crop's transform maps pixels of the picture to those of the
    /// square.</param>
    internal KeypointSet Transform(in CropTransform transform)
    {
        float[] moved = (float[])_values.Clone();
        for (int i = 0; i < moved.Length; i += 3)
            (moved[i], moved[i + 1]) = transform.Apply(moved[i], moved[i + 1]);
        return new KeypointSet(moved);
    }

    /// <summary>Returns the square around the person, with a margin for the crown and the soles.</summary>
    /// <param name="size">The side of the square after cropping, pixels.</param>
    /// <param name="margin">The free margin on every side, as a fraction of the person's extent, 0..2.</param>
    /// <returns>The transform of the square. Its corner and side are whole pixels of the picture.</returns>
    internal CropTransform SquareAround(int size, float margin = SquareCrop.DefaultMargin)
    {
        (float minX, float minY, float maxX, float maxY) = Bounds();
        // The distance from the eyes to the crown is about an eighth of that from the eyes to the ankles; from the ankles to the soles, a
        // fourteenth.
        float height = maxY - minY;
        return SquareCrop.AroundBox(minX, minY - height / 8, maxX, maxY + height / 14, size, margin);
    }
}
