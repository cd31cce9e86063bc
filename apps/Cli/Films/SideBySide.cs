using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Places the pictures of a sequence to the left of others. Frames must be requested in increasing order; those in between are
/// read and skipped.</summary>
internal sealed class SideBySide(IEnumerable<PixelBuffer> pictures) : IDisposable
{
    private readonly IEnumerator<PixelBuffer> _pictures = pictures.GetEnumerator();
    private int _at = -1;

    /// <summary>Returns the picture of a frame, resized to the height of another picture, with that one to its right.</summary>
    /// <param name="number">The frame's number.</param>
    /// <param name="right">The other picture, RGB.</param>
    public PixelBuffer Beside(int number, PixelBuffer right)
    {
        for (; _at < number; _at++)
        {
            if (!_pictures.MoveNext())
                throw new LwgException($"The reference has {_at + 1} frames now, but had more when it was read.");
        }
        PixelBuffer left = _pictures.Current.Resized(Resizing.Proportional(_pictures.Current.Width, _pictures.Current.Height, right.Height),
            right.Height);
        var both = new PixelBuffer(left.Width + right.Width, right.Height);
        for (int y = 0; y < both.Height; y++)
        {
            left.Row(y).CopyTo(both.Row(y));
            right.Row(y).CopyTo(both.Row(y)[(3 * left.Width)..]);
        }
        return both;
    }

    public void Dispose() => _pictures.Dispose();
}
