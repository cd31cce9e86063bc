using Lwg.MLNet.Body;

namespace Lwg.MLNet.Estimation;

/// <summary>
/// Reads what pose networks say: 17 x (x, y, confidence) in pixels of the network's input, continuous with the origin at its top left corner, and the
/// person's score. Scores of networks that are not trained to probabilities are limited to [0,1].
/// </summary>
internal static class PoseOutputs
{
    /// <summary>How many numbers YOLO has for a person: centre, size, score, key points.</summary>
    public const int YoloLength = 5 + 3 * Count;

    private const int Count = Skeleton.CocoKeypointCount;

    /// <summary>Heat maps [17,h,w]: the highest cell, refined.</summary>
    public static float FromHeatMaps(ReadOnlySpan<float> maps, int width, int height, int inputWidth, int inputHeight, PeakRefinement refinement, HeatMapGrid grid, Span<float> keypoints)
    {
        float sum = 0;
        for (int k = 0; k < Count; k++)
        {
            ReadOnlySpan<float> map = maps.Slice(k * width * height, width * height);
            int at = Highest(map), x = at % width, y = at / width;
            float peak = map[at];
            float left = x > 0 ? map[at - 1] : float.NaN, right = x + 1 < width ? map[at + 1] : float.NaN;
            float up = y > 0 ? map[at - width] : float.NaN, down = y + 1 < height ? map[at + width] : float.NaN;
            sum += Set(keypoints, k, Pixel(x + Shift(left, peak, right, refinement), width, inputWidth, grid), Pixel(y + Shift(up, peak, down, refinement), height, inputHeight, grid), peak);
        }
        return sum / Count;
    }

    /// <summary>Bins [17,k W] and [17,k H]: the highest ones; a key point is as sure as the less sure of its two.</summary>
    public static float FromBins(ReadOnlySpan<float> columns, ReadOnlySpan<float> rows, int inputWidth, int inputHeight, Span<float> keypoints)
    {
        int width = columns.Length / Count, height = rows.Length / Count;
        float sum = 0;
        for (int k = 0; k < Count; k++)
        {
            ReadOnlySpan<float> x = columns.Slice(k * width, width), y = rows.Slice(k * height, height);
            int atX = Highest(x), atY = Highest(y);
            // Bin i stands for pixel i / k, whose middle is half a pixel from its corner.
            sum += Set(keypoints, k, (float)atX * inputWidth / width + 0.5f, (float)atY * inputHeight / height + 0.5f, Math.Min(x[atX], y[atY]));
        }
        return sum / Count;
    }

    /// <summary>People [56,N] or [N,56], of whom the one with the highest score is taken.</summary>
    public static float FromPeople(ReadOnlySpan<float> people, int count, bool numbersFirst, Span<float> keypoints)
    {
        (int person, int number) = numbersFirst ? (1, count) : (YoloLength, 1);
        int best = 0;
        for (int i = 1; i < count; i++)
        {
            if (people[i * person + 4 * number] > people[best * person + 4 * number])
                best = i;
        }
        for (int k = 0; k < Count; k++)
        {
            int at = best * person + (5 + 3 * k) * number;
            Set(keypoints, k, people[at], people[at + number], people[at + 2 * number]);
        }
        return Unit(people[best * person + 4 * number]);
    }

    // Towards the higher of the neighbours along one axis; at the edge of the map there is nothing to compare.
    private static float Shift(float before, float peak, float after, PeakRefinement refinement)
    {
        if (float.IsNaN(before + after))
            return 0;
        if (refinement == PeakRefinement.QuarterShift)
            return 0.25f * MathF.Sign(after - before);
        float curvature = 2 * peak - before - after;
        return curvature > 0 ? 0.5f * (after - before) / curvature : 0;
    }

    private static float Pixel(float cell, int cells, int pixels, HeatMapGrid grid) =>
        0.5f + (grid == HeatMapGrid.Strides || cells == 1 ? cell * pixels / cells : cell * (pixels - 1) / (cells - 1));

    private static float Set(Span<float> keypoints, int k, float x, float y, float confidence)
    {
        confidence = float.IsFinite(x + y) ? Unit(confidence) : 0;
        (keypoints[3 * k], keypoints[3 * k + 1], keypoints[3 * k + 2]) = (x, y, confidence);
        return confidence;
    }

    // A number that is none is no confidence.
    private static float Unit(float value) => value > 0 ? Math.Min(value, 1) : 0;

    private static int Highest(ReadOnlySpan<float> values)
    {
        int at = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[at])
                at = i;
        }
        return at;
    }
}
