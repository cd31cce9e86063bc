namespace Lwg.MLNet.Body;

/// <summary>Maps camera coordinates to pixels of a picture: u in [-1,1] is at pixel Unit u + Origin.</summary>
/// <param name="Width">The width of the picture, pixels.</param>
/// <param name="Height">The height of the picture, pixels.</param>
/// <param name="Unit">Pixels per unit of u.</param>
/// <param name="OriginX">The x of u = 0, pixels.</param>
/// <param name="OriginY">The y of u = 0, pixels.</param>
internal readonly record struct PictureFrame(double Width, double Height, double Unit, double OriginX, double OriginY)
{
    /// <summary>Returns the frame of a whole picture: [-1,1] spans the square of the longer side at the top left.</summary>
    public static PictureFrame Whole(double width, double height) =>
        new(width, height, Math.Max(width, height) / 2, Math.Max(width, height) / 2, Math.Max(width, height) / 2);

    /// <summary>Returns the frame of an upright square that was cut out of the picture.</summary>
    /// <param name="width">The width of the picture, pixels.</param>
    /// <param name="height">The height of the picture, pixels.</param>
    /// <param name="scale">Pixels of the picture per pixel of the square.</param>
    /// <param name="left">The left edge of the square, pixels of the picture.</param>
    /// <param name="top">The top edge of the square, pixels of the picture.</param>
    /// <param name="size">The side of the square, pixels of the square.</param>
    public static PictureFrame Of(double width, double height, float scale, float left, float top, int size)
    {
        double unit = scale * size / 2.0;
        return new PictureFrame(width, height, unit, unit + left, unit + top);
    }
}
