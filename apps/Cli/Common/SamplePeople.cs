using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Our own people, whose pictures are made by code (models/people) and embedded in this program.</summary>
internal static class SamplePeople
{
    public static IReadOnlyList<string> Names { get; } = ["anna", "ben", "carla"];

    public static MarkedPhoto Load(string name)
    {
        string file = name + ".png";
        using Stream picture = Open(file), keypoints = Open("keypoints.json");
        using var json = new MemoryStream();
        keypoints.CopyTo(json);
        return new MarkedPhoto(ImageCodec.Decode(picture, file), CocoKeypoints.Parse(json.ToArray(), "keypoints.json").For(file));
    }

    private static Stream Open(string name) => typeof(SamplePeople).Assembly.GetManifestResourceStream("people/" + name)!;
}
