using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Arranges pictures of the same size in rows and columns.</summary>
internal sealed class ContactSheet(int columns, int tileWidth, int tileHeight)
{
    private const int Gap = 4;

    private readonly List<PixelBuffer> _tiles = [];

    public void Add(PixelBuffer tile)
    {
        if (tile.Width != tileWidth || tile.Height != tileHeight)
            throw new ArgumentException($"A tile of {tileWidth} x {tileHeight} is needed, but this one is {tile.Width} x {tile.Height}.",
                nameof(tile));
        _tiles.Add(tile);
    }

    public PixelBuffer ToPixels()
    {
        int rows = (_tiles.Count + columns - 1) / columns;
        var sheet = new PixelBuffer(columns * (tileWidth + Gap) + Gap, rows * (tileHeight + Gap) + Gap);
        sheet.Data.Fill(255);
        for (int t = 0; t < _tiles.Count; t++)
        {
            int left = Gap + t % columns * (tileWidth + Gap), top = Gap + t / columns * (tileHeight + Gap);
            for (int y = 0; y < tileHeight; y++)
                _tiles[t].Row(y).CopyTo(sheet.Row(top + y)[(3 * left)..]);
        }
        return sheet;
    }
}
