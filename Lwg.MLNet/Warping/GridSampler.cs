using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Warping;

/// <summary>Bilinear sampling of pictures and features at normalised coordinates, zero outside, as torch's grid_sample and ONNX's
/// GridSample do.</summary>
internal static class GridSampler
{
    /// <summary>Samples a picture at the points of a flow.</summary>
    /// <param name="source">The picture [C,H,W].</param>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="flow">The points [N,2], x right, y down, [-1,1] over the picture.</param>
    /// <param name="alignCorners">Whether -1 and 1 are the centres of the first and last pixel (true) or their outer edges (false);
    /// depends on the model that reads the result.</param>
    /// <param name="result">Receives [C,N].</param>
    public static void Sample(ReadOnlySpan<float> source, int channels, int height, int width, ReadOnlySpan<float> flow, bool alignCorners,
        Span<float> result)
    {
        int pixels = flow.Length / 2, plane = height * width;
        if (source.Length != channels * plane)
            throw new ArgumentException($"A picture of {channels} x {height} x {width} has {channels * plane} elements, but "
                + $"{source.Length} were given.", nameof(source));
        if (result.Length != channels * pixels)
            throw new ArgumentException($"{channels} channels at {pixels} points need {channels * pixels} elements, but there is room "
                + $"for {result.Length}.", nameof(result));
        float scaleX = alignCorners ? (width - 1) / 2f : width / 2f, scaleY = alignCorners ? (height - 1) / 2f : height / 2f;
        float offsetX = (width - 1) / 2f, offsetY = (height - 1) / 2f;
        var scale = Vector128.Create(scaleX, scaleY, scaleX, scaleY);
        var offset = Vector128.Create(offsetX, offsetY, offsetX, offsetY);
        var limit = Vector128.Create((float)width, height, width, height);
        result.Clear();
        int i = 0;
        for (; i + 2 <= pixels; i += 2)
        {
            // Two points at once; most of a flow lies outside the picture, and NaN counts as outside.
            Vector128<float> at = Vector128.Create(flow.Slice(2 * i, 4)) * scale + offset;
            uint inside = (Vector128.GreaterThan(at, -Vector128<float>.One) & Vector128.LessThan(at, limit)).ExtractMostSignificantBits();
            if ((inside & 3) == 3)
                SampleOne(source, channels, height, width, at[0], at[1], result[i..], pixels);
            if ((inside & 12) == 12)
                SampleOne(source, channels, height, width, at[2], at[3], result[(i + 1)..], pixels);
        }
        if (i < pixels)
        {
            float x = flow[2 * i] * scaleX + offsetX, y = flow[2 * i + 1] * scaleY + offsetY;
            if (x > -1 && y > -1 && x < width && y < height)
                SampleOne(source, channels, height, width, x, y, result[i..], pixels);
        }
    }

    /// <summary>Samples the four neighbours of a point (x, y), which is less than a pixel outside the outermost pixel centres.</summary>
    private static void SampleOne(ReadOnlySpan<float> source, int channels, int height, int width, float x, float y, Span<float> result,
        int stride)
    {
        int plane = height * width, x0 = (int)MathF.Floor(x), y0 = (int)MathF.Floor(y), at = y0 * width + x0;
        float fx = x - x0, fy = y - y0;
        float w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy, w11 = fx * fy;
        bool left = x0 >= 0, right = x0 + 1 < width, top = y0 >= 0, bottom = y0 + 1 < height;
        if (left && right && top && bottom)
        {
            for (int c = 0; c < channels; c++, at += plane)
            {
                ReadOnlySpan<float> upper = source.Slice(at, width + 2);
                result[c * stride] = upper[0] * w00 + upper[1] * w01 + upper[width] * w10 + upper[width + 1] * w11;
            }
            return;
        }
        for (int c = 0; c < channels; c++, at += plane)
        {
            float sum = 0;
            if (top && left)
                sum += source[at] * w00;
            if (top && right)
                sum += source[at + 1] * w01;
            if (bottom && left)
                sum += source[at + width] * w10;
            if (bottom && right)
                sum += source[at + width + 1] * w11;
            result[c * stride] = sum;
        }
    }
}
