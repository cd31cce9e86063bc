using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>A photograph, and the key points of the person in it, if known.</summary>
/// <param name="Picture">The picture, upright.</param>
/// <param name="Keypoints">The 17 key points in pixels; null if there are none.</param>
internal sealed record MarkedPhoto(PixelBuffer Picture, KeypointSet? Keypoints)
{
    /// <summary>The box of the person, (minX, maxX, minY, maxY) in pixels; null if not given.</summary>
    public float[]? Box { get; init; }

    /// <summary>Reads a photograph and the JSON of its key points.</summary>
    /// <exception cref="LwgException">A file cannot be read, or has no key points for the photograph.</exception>
    public static MarkedPhoto Load(string photo, string? keypoints)
    {
        PixelBuffer picture = ImageCodec.Load(photo);
        KeypointSet? marked = keypoints is null ? null : CocoKeypoints.Load(keypoints).For(photo, picture.Width, picture.Height);
        return new MarkedPhoto(picture, marked);
    }
}
