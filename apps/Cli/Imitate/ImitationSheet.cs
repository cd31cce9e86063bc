using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>A sheet of some frames with their inputs: source, pose, condition map, warp, result.</summary>
internal sealed class ImitationSheet
{
    private const int TileSize = 256;
    private const int MaximumRows = 8;

    private readonly ContactSheet _sheet = new(columns: 5, TileSize, TileSize);
    private readonly BodyShading _shading = new(2 * TileSize);
    private readonly HashSet<int> _shown;

    /// <summary>Selects the frames.</summary>
    /// <param name="frameCount">The total number of frames.</param>
    public ImitationSheet(int frameCount)
    {
        int rows = Math.Min(MaximumRows, frameCount);
        _shown = [.. Enumerable.Range(0, rows).Select(row => (int)((long)row * frameCount / rows))];
    }

    public bool Shows(int number) => _shown.Contains(number);

    public void Add(FrameReader frame)
    {
        using MLImage source = frame.SourceImage, result = frame.TargetImage;
        _sheet.Add(Tile(ImageCodec.ToPixels(source)));
        _sheet.Add(Tile(_shading.Draw(frame.ReferenceSmpl)));
        _sheet.Add(Tile(PixelBuffer.FromTensor(frame.TargetCondition, source.Width, source.Height)));
        _sheet.Add(Tile(PixelBuffer.FromTensor(frame.TargetWarped, source.Width, source.Height)));
        _sheet.Add(Tile(ImageCodec.ToPixels(result)));
    }

    public PixelBuffer ToPixels() => _sheet.ToPixels();

    private static PixelBuffer Tile(PixelBuffer square)
    {
        float scale = (float)square.Width / TileSize;
        return SquareCrop.Crop(square, CropTransform.Identity with { A = scale, E = scale }, TileSize);
    }
}
