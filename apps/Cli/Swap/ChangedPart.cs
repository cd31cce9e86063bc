using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The rectangle that changes from one picture of an animation to the next.</summary>
internal readonly record struct ChangedPart(int X, int Y, int Width, int Height)
{
    /// <summary>Returns the smallest rectangle in which two pictures differ: the whole picture if there is no previous one, one pixel if
    /// nothing differs.</summary>
    /// <param name="before">The previous picture; null for none.</param>
    /// <param name="frame">The picture.</param>
    /// <param name="even">Whether the coordinates of the upper left corner must be even.</param>
    public static ChangedPart Between(PixelBuffer? before, PixelBuffer frame, bool even)
    {
        if (before is null)
            return new(0, 0, frame.Width, frame.Height);
        int left = frame.Width, right = -1, top = frame.Height, bottom = -1;
        for (int y = 0; y < frame.Height; y++)
        {
            ReadOnlySpan<byte> a = before.Row(y), b = frame.Row(y);
            int same = a.CommonPrefixLength(b);
            if (same == a.Length)
                continue;
            int last = a.Length - 1;
            while (a[last] == b[last])
                last--;
            (left, right, top, bottom) = (Math.Min(left, same / 3), Math.Max(right, last / 3), Math.Min(top, y), y);
        }
        if (right < 0)
            return new(0, 0, 1, 1);
        if (even)
            (left, top) = (left & ~1, top & ~1);
        return new(left, top, right + 1 - left, bottom + 1 - top);
    }

    /// <summary>Returns this part of a picture.</summary>
    public PixelBuffer Of(PixelBuffer frame)
    {
        if ((Width, Height) == (frame.Width, frame.Height))
            return frame;
        var part = new PixelBuffer(Width, Height);
        for (int y = 0; y < Height; y++)
            frame.Row(Y + y).Slice(3 * X, 3 * Width).CopyTo(part.Row(y));
        return part;
    }
}
