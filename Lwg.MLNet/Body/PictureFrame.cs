namespace Lwg.MLNet.Body;

/// <summary>Where the numbers of a camera lie in a picture: u in [-1,1], as cameras have it, is at pixel Unit u + Origin.</summary>
/// <param name="Width">The picture's width, pixels.</param>
/// <param name="Height">The picture's height, pixels.</param>
/// <param name="Unit">Pixels for 1 of u.</param>
/// <param name="OriginX">The pixel of u = 0.</param>
/// <param name="OriginY">The same, downwards.</param>
internal readonly record struct PictureFrame(double Width, double Height, double Unit, double OriginX, double OriginY)
{
    /// <summary>Cameras of the whole picture: [-1,1] goes over the square of its longer side at its top left.</summary>
    public static PictureFrame Whole(double width, double height) =>
        new(width, height, Math.Max(width, height) / 2, Math.Max(width, height) / 2, Math.Max(width, height) / 2);

    /// <summary>Cameras of an upright square that was cut out of the picture.</summary>
    /// <param name="width">The picture's width, pixels.</param>
    /// <param name="height">The picture's height, pixels.</param>
    /// <param name="scale">How many pixels of the picture one of the square is.</param>
    /// <param name="left">The pixel of the square's left edge.</param>
    /// <param name="top">The pixel of its top edge.</param>
    /// <param name="size">The square's side, its own pixels.</param>
    public static PictureFrame Of(double width, double height, float scale, float left, float top, int size)
    {
        double unit = scale * size / 2.0;
        return new PictureFrame(width, height, unit, unit + left, unit + top);
    }
}
