using System.Text.Json.Serialization;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Batch;

/// <summary>One row of the table of requests, as written: see <see cref="RequestTable"/>.</summary>
internal sealed record Request
{
    /// <summary>The number of the row, from 1.</summary>
    [JsonIgnore]
    public int Row { get; init; }

    /// <summary>The name of the row and of its picture's file.</summary>
    public string Id { get; init; } = "";

    /// <summary>The photograph of the person.</summary>
    public string Source { get; init; } = "";

    /// <summary>The person's key points in the photograph: 17 times x, y and confidence, separated by spaces. Read if the table has this
    /// column.</summary>
    public string Keypoints { get; init; } = "";

    /// <summary>The motion to imitate: a built-in name, or a file among the pictures.</summary>
    public string Motion { get; init; } = "";

    /// <summary>The frame of the motion, from 0; empty for 0.</summary>
    public string Frame { get; init; } = "";

    /// <summary>The photograph whose pose to imitate, instead of a motion.</summary>
    public string Reference { get; init; } = "";

    /// <summary>Checks the row before a file is opened.</summary>
    /// <exception cref="RequestException">The row has no source, or not exactly one motion or reference.</exception>
    public void Check()
    {
        if (Source.Length == 0)
            throw new RequestException("The row has no source picture.");
        if ((Motion.Length == 0) == (Reference.Length == 0))
            throw new RequestException($"The row has "
                + $"{(Motion.Length == 0 ? "neither a motion nor a reference picture" : "a motion and a reference picture")}; exactly "
                + $"one of them is required.");
        if (Frame.Length > 0 && Motion.Length == 0)
            throw new RequestException("The row has a frame, but no motion.");
    }

    /// <summary>Returns the frame's number.</summary>
    /// <param name="frameCount">The number of frames of the motion.</param>
    /// <exception cref="RequestException">The frame is not a number, or the motion has no such frame.</exception>
    public int FrameNumber(int frameCount)
    {
        if (Frame.Length == 0)
            return 0;
        return TableNumber.TryParseWhole(Frame, out int frame) && frame < frameCount
            ? frame : throw new RequestException(
            $"The frame is '{Frame}', but the motion '{Motion}' has the frames 0 to {frameCount - 1}.");
    }

    /// <summary>Parses the key points [17,3].</summary>
    /// <exception cref="KeypointInputException">The cell does not contain 51 values.</exception>
    public float[] KeypointNumbers()
    {
        string[] parts = Keypoints.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        // With spaces between the numbers, a comma is the decimal separator; without, commas or semicolons separate the numbers.
        if (parts.Length == 1)
            parts = Keypoints.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != KeypointSet.Length)
            throw new KeypointInputException(
                $"The row's key points are {KeypointSet.Length} values (17 times x, y, confidence, separated by spaces), but "
                + $"{parts.Length} were given.");
        float[] numbers = new float[KeypointSet.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = TableNumber.TryParse(parts[i], out double number) ? (float)number
                : throw new KeypointInputException($"The row's key points contain '{parts[i]}', which is not a number.");
        }
        return numbers;
    }
}
