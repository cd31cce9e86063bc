using Lwg.MLNet.Cli;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Tests.Imaging;
using SkiaSharp;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>One of our own people in a user's format: a JPEG, and a file of key points.</summary>
internal static class SamplePhoto
{
    public static MarkedPhoto Carla { get; } = SamplePeople.Load("carla");

    public static byte[] Jpeg { get; } = TestPictures.Encode(Carla.Picture, SKEncodedImageFormat.Jpeg);

    /// <summary>Writes photo.jpg and keypoints.json.</summary>
    /// <param name="folder">The target folder.</param>
    /// <param name="jpeg">The photograph; null for Carla.</param>
    /// <param name="keypoints">JSON; null for Carla's.</param>
    public static (string Photo, string Keypoints) Write(TemporaryFolder folder, byte[]? jpeg = null, string? keypoints = null)
    {
        string photo = folder.Write("photo.jpg", jpeg ?? Jpeg), json = Path.Combine(folder.Path, "keypoints.json");
        if (keypoints is null)
            CocoKeypoints.Save(json, [new MarkedPerson("photo.jpg", Carla.Picture.Width, Carla.Picture.Height, Carla.Keypoints!)]);
        else
            File.WriteAllText(json, keypoints);
        return (photo, json);
    }
}
