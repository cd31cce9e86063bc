using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>A photograph, and the key points of the person in it where they are known.</summary>
/// <param name="Picture">The picture, upright.</param>
/// <param name="Keypoints">The 17 key points in its pixels; null where nobody marked them.</param>
internal sealed record MarkedPhoto(PixelBuffer Picture, KeypointSet? Keypoints)
{
    /// <summary>The box of the person who is meant, (minX, maxX, minY, maxY) in its pixels; null where it is not told.</summary>
    public float[]? Box { get; init; }

    /// <summary>Reads a photograph and the JSON of its key points.</summary>
    /// <exception cref="LwgException">One of them cannot be read, or no person is marked in the photograph.</exception>
    public static MarkedPhoto Load(string photo, string? keypoints)
    {
        PixelBuffer picture = ImageCodec.Load(photo);
        KeypointSet? marked = keypoints is null ? null : CocoKeypoints.Load(keypoints).For(photo, picture.Width, picture.Height);
        return new MarkedPhoto(picture, marked);
    }
}
