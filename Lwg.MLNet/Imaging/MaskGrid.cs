namespace Lwg.MLNet.Imaging;

/// <summary>Coarse masks over a square picture, for example those of an estimator.</summary>
internal static class MaskGrid
{
    /// <summary>The mask value from which a point counts as person when the person must be hidden. It is low enough to include the edge
    /// of hair and clothes.</summary>
    public const float PersonFrom = 0.3f;

    /// <summary>Resizes a grid with bilinear interpolation; both grids cover the same square.</summary>
    /// <param name="grid">The grid [G,G].</param>
    /// <param name="map">Receives the result [S,S].</param>
    /// <param name="size">The side of the result, S.</param>
    /// <exception cref="ArgumentException">The grid is not square, or the map has another size.</exception>
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

    /// <summary>Returns the side of a square grid.</summary>
    /// <exception cref="ArgumentException">The grid is not square.</exception>
    public static int SideOf(ReadOnlySpan<float> grid)
    {
        int side = (int)Math.Round(Math.Sqrt(grid.Length));
        return side > 0 && side * side == grid.Length ? side
            : throw new ArgumentException($"A mask is a square grid, but {grid.Length} values were given.", nameof(grid));
    }
}
