namespace Lwg.MLNet.Warping;

/// <summary>Bilinear sampling of pictures and features at normalised coordinates, zero outside, as torch's grid_sample and ONNX's GridSample do.</summary>
public static class GridSampler
{
    /// <summary>Samples a picture at the points of a flow.</summary>
    /// <param name="source">The picture [C,H,W].</param>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="flow">The points [N,2], x right, y down, [-1,1] over the picture.</param>
    /// <param name="alignCorners">Whether -1 and 1 are the centres of the first and last pixel (true) or their outer edges (false). It belongs to the model that reads the result.</param>
    /// <param name="result">Receives [C,N].</param>
    public static void Sample(ReadOnlySpan<float> source, int channels, int height, int width, ReadOnlySpan<float> flow, bool alignCorners, Span<float> result)
    {
        int pixels = flow.Length / 2, plane = height * width;
        if (source.Length != channels * plane)
            throw new ArgumentException($"A picture of {channels} x {height} x {width} has {channels * plane} elements, but {source.Length} were given.", nameof(source));
        if (result.Length != channels * pixels)
            throw new ArgumentException($"{channels} channels at {pixels} points need {channels * pixels} elements, but there is room for {result.Length}.", nameof(result));
        float scaleX = alignCorners ? (width - 1) / 2f : width / 2f, scaleY = alignCorners ? (height - 1) / 2f : height / 2f;
        float offsetX = (width - 1) / 2f, offsetY = (height - 1) / 2f;
        for (int i = 0; i < pixels; i++)
        {
            float x = flow[2 * i] * scaleX + offsetX, y = flow[2 * i + 1] * scaleY + offsetY;
            // Written so that what is not a number falls outside.
            if (!(x > -1 && y > -1 && x < width && y < height))
            {
                for (int c = 0; c < channels; c++)
                    result[c * pixels + i] = 0;
                continue;
            }
            int x0 = (int)MathF.Floor(x), y0 = (int)MathF.Floor(y);
            float fx = x - x0, fy = y - y0;
            float w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy, w11 = fx * fy;
            bool left = x0 >= 0, right = x0 + 1 < width, top = y0 >= 0, bottom = y0 + 1 < height;
            int at = y0 * width + x0;
            if (left && right && top && bottom)
            {
                for (int c = 0; c < channels; c++, at += plane)
                    result[c * pixels + i] = source[at] * w00 + source[at + 1] * w01 + source[at + width] * w10 + source[at + width + 1] * w11;
                continue;
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
                result[c * pixels + i] = sum;
            }
        }
    }
}
