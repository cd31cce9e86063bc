using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Imaging;

/// <summary>Crops the square of a person from a picture of any size, and composites a square result into the picture.</summary>
internal static class SquareCrop
{
    /// <summary>The default free margin on every side, as a fraction of the person's extent.</summary>
    public const float DefaultMargin = 0.15f;

    /// <summary>The default width of the soft seam, as a fraction of the side of the square.</summary>
    public const float DefaultFeather = 0.04f;

    /// <summary>Returns the square around points projected into a picture, such as vertices or key points of a body.</summary>
    /// <param name="points">x, y of each point, in image coordinates: [-1,1] over the square of <paramref name="pictureSize"/> pixels at
    /// the top left of the picture.</param>
    /// <param name="pictureSize">The side of that square in pixels.</param>
    /// <param name="size">The side of the square after cropping, pixels.</param>
    /// <param name="margin">The free margin on every side, as a fraction of the points' extent, 0..2.</param>
    /// <returns>The transform of the square. Its corner and side are whole pixels of the picture.</returns>
    /// <exception cref="ArgumentException">There are no points, the number of values is odd, or a value is not finite.</exception>
    public static CropTransform AroundProjection(ReadOnlySpan<float> points, int pictureSize, int size, float margin = DefaultMargin)
    {
        if (points.Length == 0 || points.Length % 2 != 0)
            throw new ArgumentException($"Projected points are pairs of x and y, but {points.Length} values were given.", nameof(points));
        float minX = float.PositiveInfinity, minY = minX, maxX = float.NegativeInfinity, maxY = maxX;
        for (int i = 0; i < points.Length; i += 2)
        {
            float x = (points[i] + 1) * 0.5f * pictureSize, y = (points[i + 1] + 1) * 0.5f * pictureSize;
            if (!float.IsFinite(x + y))
                throw new ArgumentException($"Projected point {i / 2} is ({points[i]}, {points[i + 1]}); all must be finite.",
                    nameof(points));
            (minX, maxX) = (Math.Min(minX, x), Math.Max(maxX, x));
            (minY, maxY) = (Math.Min(minY, y), Math.Max(maxY, y));
        }
        return AroundBox(minX, minY, maxX, maxY, size, margin);
    }

    /// <summary>Returns the square around a box.</summary>
    /// <param name="minX">The left edge, in pixels of the picture.</param>
    /// <param name="minY">The top edge.</param>
    /// <param name="maxX">The right edge.</param>
    /// <param name="maxY">The bottom edge.</param>
    /// <param name="size">The side of the square after cropping, pixels.</param>
    /// <param name="margin">The free margin on every side, as a fraction of the longer side of the box, 0..2.</param>
    /// <returns>The transform of the square. Its corner and side are whole pixels of the picture.</returns>
    /// <exception cref="ArgumentException">The box is empty or not finite.</exception>
    public static CropTransform AroundBox(float minX, float minY, float maxX, float maxY, int size, float margin = DefaultMargin)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (!(margin is >= 0 and <= 2))
            throw new ArgumentOutOfRangeException(nameof(margin), margin,
                "The margin of a crop is a share of the person's extent between 0 and 2.");
        float extent = Math.Max(maxX - minX, maxY - minY);
        if (!(extent > 0 && float.IsFinite(extent) && maxX >= minX && maxY >= minY))
            throw new ArgumentException($"The box from ({minX}, {minY}) to ({maxX}, {maxY}) is empty or not finite.", nameof(maxX));
        float side = MathF.Max(8, MathF.Ceiling(extent * (1 + 2 * margin)));
        float scale = side / size;
        return new CropTransform(
            scale, 0, MathF.Round((minX + maxX - side) / 2), 0, scale, MathF.Round((minY + maxY - side) / 2));
    }

    /// <summary>Crops the square. Downsampling is filtered; outside the picture its edge pixels are repeated.</summary>
    /// <param name="picture">The picture; its alpha is ignored.</param>
    /// <param name="transform">Maps pixels of the square to those of the picture; upright.</param>
    /// <param name="size">The side of the square, S, pixels.</param>
    /// <param name="square">Receives [3,S,S], values in [-1,1].</param>
    /// <exception cref="ArgumentException">The length is wrong, or the transform rotates or mirrors.</exception>
    public static void Crop(PixelBuffer picture, in CropTransform transform, int size, Span<float> square)
    {
        ArgumentNullException.ThrowIfNull(picture);
        PixelBuffer.CheckTensor(square.Length, size, size, nameof(square));
        CheckUpright(transform);
        var columns = new ResamplingAxis(picture.Width, size, transform.C, transform.A);
        var rows = new ResamplingAxis(picture.Height, size, transform.F, transform.E);
        Resampling.Run(new PictureRows(picture), columns, rows, new PlaneSink(square, size));
    }

    /// <summary>Crops the square as a picture.</summary>
    /// <param name="picture">The picture; its alpha is ignored.</param>
    /// <param name="transform">Maps pixels of the square to those of the picture; upright.</param>
    /// <param name="size">The side of the square, pixels.</param>
    public static PixelBuffer Crop(PixelBuffer picture, in CropTransform transform, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        float[] square = new float[checked(3 * size * size)];
        Crop(picture, transform, size, square);
        return PixelBuffer.FromTensor(square, size, size);
    }

    /// <summary>Composites a square result into the full picture. At each side of the square that is inside the picture, the result fades
    /// into the picture. Pixels outside the square, or where the mask is 0, keep their bytes.</summary>
    /// <param name="picture">The full picture; not changed.</param>
    /// <param name="square">The result [3,S,S] in [-1,1]; values outside are clamped.</param>
    /// <param name="size">The side of the square, S, pixels.</param>
    /// <param name="transform">Maps pixels of the square to those of the picture; upright. For a result of another size than the crop see
    /// <see cref="CropTransform.ForSize"/>.</param>
    /// <param name="mask">The weight of the result [S,S] in [0,1]; empty for 1 everywhere.</param>
    /// <param name="feather">The width of the soft seam as a fraction of the side of the square, 0..0.5.</param>
    /// <returns>A new picture with the same size and channels. Alpha does not change.</returns>
    /// <exception cref="ArgumentException">A length is wrong, or the transform rotates or mirrors.</exception>
    public static PixelBuffer Compose(
        PixelBuffer picture, ReadOnlySpan<float> square, int size, in CropTransform transform, ReadOnlySpan<float> mask = default,
        float feather = DefaultFeather)
    {
        ArgumentNullException.ThrowIfNull(picture);
        PixelBuffer.CheckTensor(square.Length, size, size, nameof(square));
        CheckUpright(transform);
        if (mask.Length != 0 && mask.Length != size * size)
            throw new ArgumentException($"A mask of {size} x {size} values is needed, but {mask.Length} were given.", nameof(mask));
        if (!(feather is >= 0 and <= 0.5f))
            throw new ArgumentOutOfRangeException(nameof(feather), feather,
                "The seam's width is a share of the square's side between 0 and 0.5.");

        PixelBuffer result = picture.Clone();
        (int left, float[] fadeX) = Fade(transform.C, transform.A * size, picture.Width, feather);
        (int top, float[] fadeY) = Fade(transform.F, transform.E * size, picture.Height, feather);
        if (fadeX.Length == 0 || fadeY.Length == 0)
            return result;
        var columns = new ResamplingAxis(size, fadeX.Length, (left - transform.C) / (double)transform.A, 1 / (double)transform.A);
        var rows = new ResamplingAxis(size, fadeY.Length, (top - transform.F) / (double)transform.E, 1 / (double)transform.E);
        Resampling.Run(new PlaneRows(square, mask, size), columns, rows, new BlendSink(result, left, top, fadeX, fadeY));
        return result;
    }

    /// <summary>
    /// Computes, along one axis, the pixels of the picture whose centres are in the square, and the weight of the result for each. The
    /// weight rises smoothly from 0 at the end of the square to 1 at the inner end of the seam. An end on or outside the edge of the
    /// picture does not fade.
    /// </summary>
    private static (int First, float[] Weights) Fade(float start, float length, int pictureLength, float feather)
    {
        int first = Math.Max(0, (int)Math.Ceiling(start - 0.5)), end = Math.Min(pictureLength, (int)Math.Ceiling(start + length - 0.5));
        float[] weights = new float[Math.Max(0, end - first)];
        float seam = feather * length;
        for (int i = 0; i < weights.Length; i++)
        {
            float centre = first + i + 0.5f;
            float toStart = first > 0 ? centre - start : float.PositiveInfinity;
            float toEnd = end < pictureLength ? start + length - centre : float.PositiveInfinity;
            weights[i] = seam > 0 ? Ramp.Smooth(0, seam, Math.Min(toStart, toEnd)) : 1;
        }
        return (first, weights);
    }

    private static void CheckUpright(in CropTransform transform)
    {
        if (!transform.IsUpright)
            throw new ArgumentException($"The crop transform {transform} turns, mirrors or is empty; crops are upright (B = D = 0, A and "
                + $"E above 0).", nameof(transform));
    }

    /// <summary>The colours of a picture in [-1,1]; the fourth value of a pixel is 0.</summary>
    private readonly ref struct PictureRows(PixelBuffer picture) : IRowSource
    {
        public void Read(int y, int first, Span<float> row)
        {
            int step = picture.Channels;
            ReadOnlySpan<byte> bytes = picture.Row(y)[(first * step)..];
            for (int i = 0, at = 0; i < row.Length; i += Resampling.Channels, at += step)
            {
                row[i] = PixelBuffer.ToUnit(bytes[at]);
                row[i + 1] = PixelBuffer.ToUnit(bytes[at + 1]);
                row[i + 2] = PixelBuffer.ToUnit(bytes[at + 2]);
                row[i + 3] = 0;
            }
        }
    }

    /// <summary>The colours of a square and its mask, which is 1 if there is none.</summary>
    private readonly ref struct PlaneRows(ReadOnlySpan<float> square, ReadOnlySpan<float> mask, int size) : IRowSource
    {
        private readonly ReadOnlySpan<float> _square = square;
        private readonly ReadOnlySpan<float> _mask = mask;

        public void Read(int y, int first, Span<float> row)
        {
            int at = y * size + first, length = row.Length / Resampling.Channels;
            ReadOnlySpan<float> red = _square.Slice(at, length), green = _square.Slice(size * size + at, length),
                blue = _square.Slice(2 * size * size + at, length);
            for (int i = 0; i < length; i++)
            {
                Span<float> pixel = row.Slice(Resampling.Channels * i, Resampling.Channels);
                (pixel[0], pixel[1], pixel[2], pixel[3]) = (red[i], green[i], blue[i], _mask.IsEmpty ? 1 : _mask[at + i]);
            }
        }
    }

    /// <summary>Fills the planes of a square, clamped to [-1,1].</summary>
    private readonly ref struct PlaneSink(Span<float> square, int size) : IRowSink
    {
        private readonly Span<float> _square = square;

        public void Write(int y, ReadOnlySpan<float> row)
        {
            for (int c = 0; c < 3; c++)
            {
                Span<float> plane = _square.Slice((c * size + y) * size, size);
                for (int x = 0; x < plane.Length; x++)
                    plane[x] = Math.Clamp(row[Resampling.Channels * x + c], -1, 1);
            }
        }
    }

    /// <summary>Blends rows of colours and mask into a picture.</summary>
    private readonly ref struct BlendSink(PixelBuffer picture, int left, int top, float[] fadeX, float[] fadeY) : IRowSink
    {
        public void Write(int y, ReadOnlySpan<float> row)
        {
            int step = picture.Channels;
            Span<byte> bytes = picture.Row(top + y).Slice(left * step, fadeX.Length * step);
            ReadOnlySpan<Vector128<float>> pixels = MemoryMarshal.Cast<float, Vector128<float>>(row);
            for (int x = 0; x < pixels.Length; x++)
            {
                float alpha = fadeX[x] * fadeY[y] * Math.Clamp(pixels[x][3], 0, 1);
                if (alpha == 0)
                    continue;
                Span<byte> to = bytes.Slice(x * step, 3);
                // The three channels at once, with the same arithmetic as PixelBuffer.ToUnit and ToByte.
                Vector128<float> old = Vector128.Create(to[0], to[1], to[2], 0f) * (1 / 127.5f) - Vector128<float>.One;
                Vector128<float> mixed = old + alpha * (Vector128.Clamp(pixels[x], -Vector128<float>.One, Vector128<float>.One) - old);
                Vector128<int> value = Vector128.ConvertToInt32(
                    Vector128.Clamp((mixed + Vector128<float>.One) * 127.5f, Vector128<float>.Zero, Vector128.Create(255f))
                    + Vector128.Create(0.5f));
                (to[0], to[1], to[2]) = ((byte)value[0], (byte)value[1], (byte)value[2]);
            }
        }
    }
}
