using System.Text.Json.Serialization;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Batch;

/// <summary>One row of the table of requests, as it was written: see <see cref="RequestTable"/>.</summary>
internal sealed record Request
{
    /// <summary>The number of the row, from 1.</summary>
    [JsonIgnore]
    public int Row { get; init; }

    /// <summary>What the row is called; its picture's file has this name.</summary>
    public string Id { get; init; } = "";

    /// <summary>The photograph of the person.</summary>
    public string Source { get; init; } = "";

    /// <summary>The person's key points in it: 17 times x, y and confidence, separated by spaces. Read where the table has this
    /// column.</summary>
    public string Keypoints { get; init; } = "";

    /// <summary>The motion to imitate: a built-in name, or a file among the pictures.</summary>
    public string Motion { get; init; } = "";

    /// <summary>The frame of the motion, from 0; nothing for 0.</summary>
    public string Frame { get; init; } = "";

    /// <summary>The photograph whose pose to imitate, instead of a motion.</summary>
    public string Reference { get; init; } = "";

    /// <summary>Says what is wrong with the row, if anything, before a file is opened.</summary>
    /// <exception cref="RequestException">It names no source, or not exactly one thing to imitate.</exception>
    public void Check()
    {
        if (Source.Length == 0)
            throw new RequestException("The row names no source picture.");
        if ((Motion.Length == 0) == (Reference.Length == 0))
            throw new RequestException($"The row names "
                + $"{(Motion.Length == 0 ? "neither a motion nor a reference picture" : "a motion and a reference picture")}; exactly "
                + $"one of them is needed.");
        if (Frame.Length > 0 && Motion.Length == 0)
            throw new RequestException("The row names a frame, but no motion.");
    }

    /// <summary>The frame's number.</summary>
    /// <param name="frameCount">How many frames the motion has.</param>
    /// <exception cref="RequestException">It is no number, or the motion has no such frame.</exception>
    public int FrameNumber(int frameCount)
    {
        if (Frame.Length == 0)
            return 0;
        return TableNumber.TryParseWhole(Frame, out int frame) && frame < frameCount
            ? frame : throw new RequestException(
            $"The frame is '{Frame}', but the motion '{Motion}' has the frames 0 to {frameCount - 1}.");
    }

    /// <summary>The key points [17,3].</summary>
    /// <exception cref="KeypointInputException">They are not 51 numbers.</exception>
    public float[] KeypointNumbers()
    {
        string[] parts = Keypoints.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        // A comma is a decimal one where there are spaces, and stands between the numbers where there are none.
        if (parts.Length == 1)
            parts = Keypoints.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != KeypointSet.Length)
            throw new KeypointInputException(
                $"The row's key points are {KeypointSet.Length} numbers (17 times x, y, confidence, separated by spaces), but "
                + $"{parts.Length} were given.");
        float[] numbers = new float[KeypointSet.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = TableNumber.TryParse(parts[i], out double number) ? (float)number
                : throw new KeypointInputException($"The row's key points hold '{parts[i]}', which is no number.");
        }
        return numbers;
    }
}
