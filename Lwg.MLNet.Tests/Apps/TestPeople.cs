using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Apps.Tests;

/// <summary>Our own people (models/people), shrunk to make rows and requests fast.</summary>
internal static class TestPeople
{
    public static IReadOnlyList<string> Names { get; } = ["anna", "ben", "carla"];

    /// <summary>Returns the file of a person's picture, 512 x 512.</summary>
    public static string FileOf(string name) => Path.Combine(AppContext.BaseDirectory, "People", name + ".png");

    /// <summary>Loads a person's picture.</summary>
    public static PixelBuffer Load(string name, int side)
    {
        return ImageCodec.ShrinkToFit(ImageCodec.Load(FileOf(name)), side);
    }

    /// <summary>Returns a person's picture as a PNG file.</summary>
    public static byte[] Png(string name, int side)
    {
        using var stream = new MemoryStream();
        ImageCodec.EncodePng(Load(name, side), stream);
        return stream.ToArray();
    }

    /// <summary>Returns the person's key points in that picture.</summary>
    public static float[] Keypoints(string name, int side)
    {
        float[] values = CocoKeypoints.Load(FileOf("keypoints").Replace(".png", ".json", StringComparison.Ordinal))
            .For(name + ".png").Values.ToArray();
        for (int i = 0; i < values.Length; i++)
            values[i] *= i % 3 == 2 ? 1 : side / 512f;
        return values;
    }
}
