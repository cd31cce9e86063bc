namespace Lwg.MLNet.Imaging;

/// <summary>Where the numbers of a camera lie in a picture: u in [-1,1], as cameras have it, is at pixel Unit u + Origin.</summary>
/// <param name="Width">The picture's width, pixels.</param>
/// <param name="Height">The picture's height, pixels.</param>
/// <param name="Unit">Pixels for 1 of u.</param>
/// <param name="OriginX">The pixel of u = 0.</param>
/// <param name="OriginY">The same, downwards.</param>
internal readonly record struct PictureFrame(double Width, double Height, double Unit, double OriginX, double OriginY)
{
    /// <summary>Cameras of the whole picture: [-1,1] goes over the square of its longer side at its top left.</summary>
    public static PictureFrame Whole(double width, double height) => new(width, height, Math.Max(width, height) / 2, Math.Max(width, height) / 2, Math.Max(width, height) / 2);

    /// <summary>Cameras of an upright square that was cut out of the picture.</summary>
    /// <param name="width">The picture's width, pixels.</param>
    /// <param name="height">The picture's height, pixels.</param>
    /// <param name="square">Maps the square's pixels to the picture's.</param>
    /// <param name="size">The square's side, its own pixels.</param>
    public static PictureFrame Of(double width, double height, in CropTransform square, int size)
    {
        double unit = square.A * size / 2.0;
        return new PictureFrame(width, height, unit, unit + square.C, unit + square.F);
    }
}
