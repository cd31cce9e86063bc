namespace Lwg.MLNet.Imaging;

/// <summary>Coarse masks over a square picture, an estimator's for example.</summary>
internal static class MaskGrid
{
    /// <summary>From this share on a point of a mask is on the person where the person shall be hidden: the rim of hair and clothes is
    /// included.</summary>
    public const float PersonFrom = 0.3f;

    /// <summary>Brings a grid to another size, bilinear; both cover the same square.</summary>
    /// <param name="grid">[G,G].</param>
    /// <param name="map">Receives [S,S].</param>
    /// <param name="size">S.</param>
    /// <exception cref="ArgumentException">The grid is no square, or the map has another size.</exception>
    public static void Resize(ReadOnlySpan<float> grid, Span<float> map, int size)
    {
        int side = SideOf(grid);
        if (map.Length != size * size)
            throw new ArgumentException($"For S = {size} a map has {size * size} elements, but {map.Length} were given.", nameof(map));
        for (int row = 0; row < size; row++)
        {
            (int y0, int y1, float v) = At(row);
            for (int column = 0; column < size; column++)
            {
                (int x0, int x1, float u) = At(column);
                float top = float.Lerp(grid[y0 * side + x0], grid[y0 * side + x1], u),
                    bottom = float.Lerp(grid[y1 * side + x0], grid[y1 * side + x1], u);
                map[row * size + column] = float.Lerp(top, bottom, v);
            }
        }

        (int, int, float) At(int pixel)
        {
            float at = Math.Clamp((pixel + 0.5f) * side / size - 0.5f, 0, side - 1);
            int first = (int)at;
            return (first, Math.Min(first + 1, side - 1), at - first);
        }
    }

    /// <summary>The side of a square grid.</summary>
    /// <exception cref="ArgumentException">The grid is no square.</exception>
    public static int SideOf(ReadOnlySpan<float> grid)
    {
        int side = (int)Math.Round(Math.Sqrt(grid.Length));
        return side > 0 && side * side == grid.Length ? side
            : throw new ArgumentException($"A mask is a square grid, but {grid.Length} numbers were given.", nameof(grid));
    }
}
