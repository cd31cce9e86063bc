using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Data;

namespace Lwg.MLNet.Cli;

/// <summary>The motion to imitate.</summary>
/// <param name="Rows">One row for each frame.</param>
/// <param name="Rate">The frame rate.</param>
/// <param name="Inputs">The inputs of the motion, by the names of their options.</param>
/// <param name="Pictures">The pictures of the reference, one for each row; none for a motion clip.</param>
internal sealed record ImitatedMotion(IReadOnlyList<MotionRow> Rows, FrameRate Rate, IReadOnlyDictionary<string, string> Inputs,
    IEnumerable<PixelBuffer> Pictures)
{
    /// <summary>Width and height of the reference's pictures; 1 and 1 for a motion clip, whose cameras are those of a square.</summary>
    public (int Width, int Height) PictureSize { get; init; } = (1, 1);

    /// <summary>A video file whose sound is copied; null for none.</summary>
    public string? Sound { get; init; }
}
