using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Data;

namespace Lwg.MLNet.Cli;

/// <summary>What is imitated.</summary>
/// <param name="Rows">A row a frame.</param>
/// <param name="Rate">Their rate.</param>
/// <param name="Inputs">What it depends on, by the names that the user knows.</param>
/// <param name="Pictures">The pictures in which it was seen, a picture a row; none where it is a motion.</param>
internal sealed record ImitatedMotion(IReadOnlyList<MotionRow> Rows, FrameRate Rate, IReadOnlyDictionary<string, string> Inputs,
    IEnumerable<PixelBuffer> Pictures)
{
    /// <summary>Width and height of the pictures in which it was seen; 1 and 1 where it is a motion, whose cameras are of a
    /// square.</summary>
    public (int Width, int Height) PictureSize { get; init; } = (1, 1);

    /// <summary>A video file whose sound goes along; null for none.</summary>
    public string? Sound { get; init; }
}
