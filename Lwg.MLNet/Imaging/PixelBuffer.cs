namespace Lwg.MLNet.Imaging;

/// <summary>A decoded picture: rows from the top, pixels from the left, 3 (RGB) or 4 (RGB and straight alpha) bytes per pixel, without
/// padding between rows.</summary>
public sealed class PixelBuffer
{
    private readonly byte[] _data;

    /// <summary>Creates a black (with 4 channels transparent) picture.</summary>
    /// <param name="width">Pixels per row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">3 for RGB, 4 for RGBA.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, the number of channels is not 3 or 4, or the picture exceeds 2
    /// GB.</exception>
    public PixelBuffer(int width, int height, int channels = 3)
        : this(new byte[CheckedLength(width, height, channels)], width, height, channels) { }

    private PixelBuffer(byte[] data, int width, int height, int channels) =>
        (_data, Width, Height, Channels) = (data, width, height, channels);

    /// <summary>The number of pixels per row.</summary>
    public int Width { get; }

    /// <summary>The number of rows.</summary>
    public int Height { get; }

    /// <summary>The number of bytes per pixel: 3 (RGB) or 4 (RGBA).</summary>
    public int Channels { get; }

    /// <summary>All bytes, row by row.</summary>
    public Span<byte> Data => _data;

    /// <summary>Returns the bytes of one row.</summary>
    /// <param name="y">The row, 0 at the top.</param>
    public Span<byte> Row(int y) => _data.AsSpan(checked(y * Width * Channels), Width * Channels);

    /// <summary>Wraps existing bytes without a copy.</summary>
    /// <param name="data">width * height * channels bytes; not copied.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="channels">3 for RGB, 4 for RGBA.</param>
    /// <exception cref="ArgumentException">The number of bytes is wrong.</exception>
    public static PixelBuffer Wrap(byte[] data, int width, int height, int channels = 3)
    {
        ArgumentNullException.ThrowIfNull(data);
        int length = CheckedLength(width, height, channels);
        if (data.Length != length)
            throw new ArgumentException($"A picture of {width} x {height} pixels with {channels} channels has {length} bytes, but "
                + $"{data.Length} were given.", nameof(data));
        return new PixelBuffer(data, width, height, channels);
    }

    /// <summary>Copies the picture.</summary>
    public PixelBuffer Clone() => new((byte[])_data.Clone(), Width, Height, Channels);

    /// <summary>Writes the colours as planes of floats; alpha is ignored.</summary>
    /// <param name="tensor">Receives [3,H,W], red first: byte / 127.5 - 1, in [-1,1].</param>
    /// <exception cref="ArgumentException">The length of the tensor is wrong.</exception>
    public void ToTensor(Span<float> tensor)
    {
        int plane = Width * Height;
        CheckTensor(tensor.Length, Width, Height, nameof(tensor));
        Span<float> red = tensor[..plane], green = tensor.Slice(plane, plane), blue = tensor[(2 * plane)..];
        int step = Channels;
        for (int i = 0, at = 0; i < plane; i++, at += step)
        {
            red[i] = ToUnit(_data[at]);
            green[i] = ToUnit(_data[at + 1]);
            blue[i] = ToUnit(_data[at + 2]);
        }
    }

    /// <summary>Returns the colours as planes of floats, [3,H,W] in [-1,1].</summary>
    public float[] ToTensor()
    {
        float[] tensor = new float[checked(3 * Width * Height)];
        ToTensor(tensor);
        return tensor;
    }

    /// <summary>Creates an RGB picture from planes of floats, clamped to [-1,1] and then rounded to bytes.</summary>
    /// <param name="tensor">The planes [3,H,W], red first.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="ArgumentException">The length of the tensor is wrong.</exception>
    public static PixelBuffer FromTensor(ReadOnlySpan<float> tensor, int width, int height)
    {
        CheckTensor(tensor.Length, width, height, nameof(tensor));
        var result = new PixelBuffer(width, height);
        int plane = width * height;
        ReadOnlySpan<float> red = tensor[..plane], green = tensor.Slice(plane, plane), blue = tensor[(2 * plane)..];
        byte[] data = result._data;
        for (int i = 0, at = 0; i < plane; i++, at += 3)
        {
            data[at] = ToByte(red[i]);
            data[at + 1] = ToByte(green[i]);
            data[at + 2] = ToByte(blue[i]);
        }
        return result;
    }

    /// <summary>Converts a byte to a value in [-1,1].</summary>
    public static float ToUnit(byte value) => value * (1 / 127.5f) - 1;

    /// <summary>Converts a value in [-1,1] to the nearest byte. Values outside are clamped (NaN becomes 0).</summary>
    public static byte ToByte(float value) => (byte)(Math.Clamp((value + 1) * 127.5f, 0, 255) + 0.5f);

    /// <summary>Rotates and mirrors the picture by its EXIF orientation, so that it is upright.</summary>
    /// <param name="orientation">EXIF tag 0x0112: 1 upright, 2 mirrored, 3 rotated by 180 degrees, 4 flipped, 5-8 the same with rows and
    /// columns exchanged.</param>
    /// <returns>This instance if the orientation is 1, otherwise a new picture.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The orientation is outside 1..8.</exception>
    public PixelBuffer Upright(int orientation)
    {
        if (orientation is < 1 or > 8)
            throw new ArgumentOutOfRangeException(nameof(orientation), orientation, "An EXIF orientation is one of 1 to 8.");
        if (orientation == 1)
            return this;
        bool exchange = orientation >= 5;
        // Whether the stored x and y run backwards relative to the upright picture.
        bool backX = orientation is 2 or 3 or 7 or 8, backY = orientation is 3 or 4 or 6 or 7;
        var result = exchange ? new PixelBuffer(Height, Width, Channels) : new PixelBuffer(Width, Height, Channels);
        int channels = Channels;
        for (int y = 0; y < result.Height; y++)
        {
            Span<byte> row = result.Row(y);
            for (int x = 0; x < result.Width; x++)
            {
                (int storedX, int storedY) = exchange ? (y, x) : (x, y);
                if (backX)
                    storedX = Width - 1 - storedX;
                if (backY)
                    storedY = Height - 1 - storedY;
                _data.AsSpan((storedY * Width + storedX) * channels, channels).CopyTo(row[(x * channels)..]);
            }
        }
        return result;
    }

    /// <summary>Returns an RGB picture, with alpha composited on white.</summary>
    /// <returns>This instance if it has no alpha.</returns>
    public PixelBuffer OnWhite()
    {
        if (Channels == 3)
            return this;
        var result = new PixelBuffer(Width, Height);
        byte[] to = result._data;
        for (int from = 0, at = 0; from < _data.Length; from += 4, at += 3)
        {
            int alpha = _data[from + 3];
            for (int c = 0; c < 3; c++)
                to[at + c] = (byte)((_data[from + c] * alpha + 255 * (255 - alpha) + 127) / 255);
        }
        return result;
    }

    /// <summary>Writes the alpha as a plane of floats.</summary>
    /// <param name="mask">Receives [H,W]: alpha / 255, in [0,1]; 1 everywhere if the picture has no alpha.</param>
    /// <exception cref="ArgumentException">The length of the mask is wrong.</exception>
    public void CopyAlpha(Span<float> mask)
    {
        if (mask.Length != Width * Height)
            throw new ArgumentException($"The mask of a picture of {Width} x {Height} pixels has {Width * Height} values, but "
                + $"{mask.Length} were given.", nameof(mask));
        if (Channels == 3)
        {
            mask.Fill(1);
            return;
        }
        for (int i = 0; i < mask.Length; i++)
            mask[i] = _data[4 * i + 3] * (1 / 255f);
    }

    internal static void CheckTensor(int length, int width, int height, string parameterName)
    {
        if (length != 3L * width * height)
            throw new ArgumentException($"A picture of {width} x {height} pixels is a tensor of 3 x {height} x {width} = "
                + $"{3L * width * height} values, but {length} were given.", parameterName);
    }

    private static int CheckedLength(int width, int height, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (3 or 4))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "A picture has 3 (RGB) or 4 (RGBA) channels.");
        long length = (long)width * height * channels;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Array.MaxLength, nameof(width));
        return (int)length;
    }
}
