using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Estimation.BlazePose;

/// <summary>
/// A picture and its successive halves, computed on demand. Rotated squares are sampled bilinearly from the level with pixels of similar
/// size, so that downscaling does not alias. Use an instance on one thread at a time; it keeps its memory.
/// </summary>
internal sealed class PicturePyramid
{
    private readonly List<byte[]> _levels = [];
    private readonly List<(int Width, int Height)> _sizes = [];
    private int _made;

    /// <summary>The picture's width in pixels.</summary>
    public int Width => _sizes[0].Width;

    /// <summary>The picture's height in pixels.</summary>
    public int Height => _sizes[0].Height;

    /// <summary>Loads a picture; alpha is ignored.</summary>
    public void Load(PixelBuffer picture)
    {
        Span<byte> to = Prepare(0, picture.Width, picture.Height);
        if (picture.Channels == 3)
        {
            picture.Data.CopyTo(to);
        }
        else
        {
            ReadOnlySpan<byte> from = picture.Data;
            for (int i = 0, at = 0; i < to.Length; i += 3, at += picture.Channels)
                (to[i], to[i + 1], to[i + 2]) = (from[at], from[at + 1], from[at + 2]);
        }
        _made = 1;
    }

    /// <summary>Samples a square.</summary>
    /// <param name="toPicture">Maps the square's pixels to the picture's.</param>
    /// <param name="size">The square's side, S.</param>
    /// <param name="square">Receives [3,S,S].</param>
    /// <param name="lowest">The value of black.</param>
    /// <param name="highest">The value of white.</param>
    /// <param name="repeatEdge">Whether the picture's edge pixels are repeated outside it; otherwise the outside is black.</param>
    public void Sample(in CropTransform toPicture, int size, Span<float> square, float lowest, float highest, bool repeatEdge)
    {
        double scale = Math.Sqrt(Math.Abs((double)toPicture.A * toPicture.E - (double)toPicture.B * toPicture.D));
        int level = Math.Clamp((int)Math.Round(Math.Log2(Math.Max(scale, 1))), 0, 24);
        Make(ref level);
        (int width, int height) = _sizes[level];
        byte[] data = _levels[level];
        float shrink = 1f / (1 << level), unit = (highest - lowest) / 255;
        (float stepX, float stepY) = (toPicture.A * shrink, toPicture.D * shrink);
        Span<float> red = square[..(size * size)], green = square.Slice(size * size, size * size),
            blue = square.Slice(2 * size * size, size * size);
        for (int row = 0, at = 0; row < size; row++)
        {
            (float x, float y) = toPicture.Apply(0.5f, row + 0.5f);
            (x, y) = (x * shrink - 0.5f, y * shrink - 0.5f);
            for (int column = 0; column < size; column++, at++)
            {
                (float u, float v) = (x + column * stepX, y + column * stepY);
                if (!repeatEdge && !(u > -0.5f && v > -0.5f && u < width - 0.5f && v < height - 0.5f))
                {
                    red[at] = green[at] = blue[at] = lowest;
                    continue;
                }
                (u, v) = (Math.Clamp(u, 0, width - 1), Math.Clamp(v, 0, height - 1));
                (int x0, int y0) = ((int)u, (int)v);
                int right = x0 + 1 < width ? 3 : 0, below = y0 + 1 < height ? 3 * width : 0, p = 3 * (y0 * width + x0);
                (u, v) = (u - x0, v - y0);
                float a = (1 - u) * (1 - v), b = u * (1 - v), c = (1 - u) * v, d = u * v;
                red[at] = lowest + unit * (a * data[p] + b * data[p + right] + c * data[p + below] + d * data[p + below + right]);
                green[at] = lowest + unit * (a * data[p + 1] + b * data[p + right + 1] + c * data[p + below + 1] + d
                    * data[p + below + right + 1]);
                blue[at] = lowest + unit * (a * data[p + 2] + b * data[p + right + 2] + c * data[p + below + 2] + d
                    * data[p + below + right + 2]);
            }
        }
    }

    private void Make(ref int level)
    {
        for (; _made <= level; _made++)
        {
            (int width, int height) = _sizes[_made - 1];
            if (width == 1 && height == 1)
            {
                level = _made - 1;
                return;
            }
            Halve(_levels[_made - 1], width, height, Prepare(_made, (width + 1) / 2, (height + 1) / 2));
        }
    }

    private static void Halve(byte[] from, int width, int height, Span<byte> to)
    {
        int half = (width + 1) / 2;
        for (int y = 0; y < (height + 1) / 2; y++)
        {
            int above = 2 * y * width, below = Math.Min(2 * y + 1, height - 1) * width;
            for (int x = 0; x < half; x++)
            {
                int left = 2 * x, right = Math.Min(left + 1, width - 1);
                for (int c = 0; c < 3; c++)
                    to[3 * (y * half + x) + c] = (byte)((from[3 * (above + left) + c] + from[3 * (above + right) + c]
                        + from[3 * (below + left) + c] + from[3 * (below + right) + c] + 2) / 4);
            }
        }
    }

    private Span<byte> Prepare(int level, int width, int height)
    {
        int length = checked(3 * width * height);
        if (level == _levels.Count)
        {
            _levels.Add(new byte[length]);
            _sizes.Add(default);
        }
        if (_levels[level].Length < length)
            _levels[level] = new byte[length];
        _sizes[level] = (width, height);
        return _levels[level].AsSpan(0, length);
    }
}
