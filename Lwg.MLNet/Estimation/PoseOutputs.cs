using Lwg.MLNet.Keypoints;


namespace Lwg.MLNet.Estimation;

/// <summary>
/// Reads the outputs of pose networks: 17 x (x, y, confidence) in pixels of the network's input, continuous with the origin at its top
/// left corner, and the person's score. Scores of networks that are not trained to output probabilities are limited to [0,1].
/// </summary>
internal static class PoseOutputs
{
    /// <summary>The number of YOLO's values per person: centre, size, score, key points.</summary>
    public const int YoloLength = 5 + 3 * Count;

    /// <summary>The number of YOLO's values per person with the class: with built-in suppression (box, score, class, key points), and
    /// without it in version 7.</summary>
    public const int SuppressedLength = 6 + 3 * Count;

    /// <summary>The maximum number of people that MoveNet detects.</summary>
    public const int MoveNetPeople = 6;

    private const int Count = CocoSkeleton.KeypointCount;

    /// <summary>Reads heat maps [K,h,w], of which the first 17 are used: the highest cell, refined.</summary>
    public static float FromHeatMaps(ReadOnlySpan<float> maps, int width, int height, int inputWidth, int inputHeight,
        PeakRefinement refinement, HeatMapGrid grid, Span<float> keypoints)
    {
        float sum = 0;
        for (int k = 0; k < Count; k++)
        {
            ReadOnlySpan<float> map = maps.Slice(k * width * height, width * height);
            int at = Highest(map), x = at % width, y = at / width;
            float peak = map[at];
            float left = x > 0 ? map[at - 1] : float.NaN, right = x + 1 < width ? map[at + 1] : float.NaN;
            float up = y > 0 ? map[at - width] : float.NaN, down = y + 1 < height ? map[at + width] : float.NaN;
            sum += Set(keypoints, k, Pixel(x + Shift(left, peak, right, refinement), width, inputWidth, grid),
                Pixel(y + Shift(up, peak, down, refinement), height, inputHeight, grid), peak);
        }
        return sum / Count;
    }

    /// <summary>Reads bins [K,k W] and [K,k H], of which the first 17 are used: the highest ones; the confidence of a key point is the
    /// lower of its two.</summary>
    public static float FromBins(ReadOnlySpan<float> columns, ReadOnlySpan<float> rows, int count, int inputWidth, int inputHeight,
        Span<float> keypoints)
    {
        int width = columns.Length / count, height = rows.Length / count;
        float sum = 0;
        for (int k = 0; k < Count; k++)
        {
            ReadOnlySpan<float> x = columns.Slice(k * width, width), y = rows.Slice(k * height, height);
            int atX = Highest(x), atY = Highest(y);
            // Bin i is pixel i / k, whose centre is half a pixel from its corner.
            sum += Set(keypoints, k, (float)atX * inputWidth / width + 0.5f, (float)atY * inputHeight / height + 0.5f,
                Math.Min(x[atX], y[atY]));
        }
        return sum / Count;
    }

    /// <summary>
    /// Reads people [L,N] or [N,L] of 56 or 57 values, and uses the one with the highest score. Of 57 values, the sixth is the class with
    /// built-in suppression (an integer; 0 is a person), the class probability in YOLO version 7, and the second class's score if the
    /// values come first.
    /// </summary>
    public static float FromPeople(ReadOnlySpan<float> people, int length, int count, bool numbersFirst, Span<float> keypoints)
    {
        (int person, int number) = numbersFirst ? (1, count) : (length, 1);
        int best = 0, points = length - 3 * Count;
        float highest = float.NegativeInfinity;
        for (int i = 0; i < count; i++)
        {
            float score = people[i * person + 4 * number], sixth = length == SuppressedLength ? people[i * person + 5 * number] : 0;
            if (length == SuppressedLength && numbersFirst)
                score = Math.Max(score, sixth);
            else if (length == SuppressedLength)
                score = sixth == MathF.Truncate(sixth) ? sixth == 0 ? score : 0 : score * sixth;
            if (score > highest)
                (best, highest) = (i, score);
        }
        for (int k = 0; k < Count; k++)
        {
            int at = best * person + (points + 3 * k) * number;
            Set(keypoints, k, people[at], people[at + number], people[at + 2 * number]);
        }
        return Unit(highest);
    }

    /// <summary>Reads RTMO's output: key points [N,17,3] and boxes with scores [N,5]; uses the highest score.</summary>
    public static float FromRtmo(ReadOnlySpan<float> people, ReadOnlySpan<float> boxes, Span<float> keypoints)
    {
        int best = 0;
        for (int i = 1; i < boxes.Length / 5; i++)
        {
            if (boxes[5 * i + 4] > boxes[5 * best + 4])
                best = i;
        }
        for (int k = 0; k < Count; k++)
        {
            ReadOnlySpan<float> point = people.Slice(3 * (best * Count + k), 3);
            Set(keypoints, k, point[0], point[1], point[2]);
        }
        return Unit(boxes[5 * best + 4]);
    }

    /// <summary>Reads MoveNet's output: y, x and score of 17 key points as shares of the input; of several people, with 56 values each,
    /// the one with the highest score, which is the last value.</summary>
    public static float FromMoveNet(ReadOnlySpan<float> values, int people, int inputWidth, int inputHeight, Span<float> keypoints)
    {
        int best = 0;
        for (int i = 1; i < people; i++)
        {
            if (values[i * YoloLength + YoloLength - 1] > values[best * YoloLength + YoloLength - 1])
                best = i;
        }
        float sum = 0;
        for (int k = 0; k < Count; k++)
        {
            ReadOnlySpan<float> point = values.Slice(best * YoloLength + 3 * k, 3);
            sum += Set(keypoints, k, point[1] * inputWidth, point[0] * inputHeight, point[2]);
        }
        return people == 0 ? sum / Count : Unit(values[best * YoloLength + YoloLength - 1]);
    }

    // Shifts towards the higher neighbour along one axis; at the edge of the map there is no shift.
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

    // NaN gives no confidence.
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
