using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Training.Cli;

/// <summary>Writes pictures side by side into one PNG file.</summary>
internal static class PictureSheet
{
    /// <summary>Writes a sheet.</summary>
    /// <param name="pictures">[3,S,S] each, row by row.</param>
    /// <param name="columns">Pictures per row.</param>
    /// <param name="size">S, pixels.</param>
    /// <param name="path">The file to create or replace.</param>
    public static void Save(IReadOnlyList<float[]> pictures, int columns, int size, string path)
    {
        var sheet = new PixelBuffer(columns * size, (pictures.Count + columns - 1) / columns * size);
        for (int i = 0; i < pictures.Count; i++)
        {
            PixelBuffer tile = PixelBuffer.FromTensor(pictures[i], size, size);
            for (int y = 0; y < size; y++)
                tile.Row(y).CopyTo(sheet.Row(i / columns * size + y)[(3 * size * (i % columns))..]);
        }
        ImageCodec.SavePng(sheet, path);
    }
}
