using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Benchmarks;

/// <summary>An input row: a square picture of a person, the body in it, and a pose to imitate.</summary>
internal sealed class Person
{
    private static readonly Lazy<Scene> s_scene = new(() => new Scene(BodyModel.Default, 256));
    private static readonly Lazy<MLImage> s_image = new(() => ImageCodec.ToImage(s_scene.Value.Image, 256, 256));

    [ImageType(256, 256)]
    public MLImage SourceImage { get; set; } = s_image.Value;

    [VectorType(SmplLayout.ParameterCount)]
    public float[] SourceSmpl { get; set; } = s_scene.Value.Source;

    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceSmpl { get; set; } = s_scene.Value.Target;

    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceOrigin { get; set; } = s_scene.Value.Source;

    /// <summary>Returns the person with the frames of the walk, repeated.</summary>
    public static IEnumerable<Person> Walking(int count)
    {
        var clip = MotionClip.Load("walk");
        float[] smpl = MotionCamera.ToSmpl(clip);
        return [.. Enumerable.Range(0, count).Select(i => new Person
        {
            ReferenceSmpl = smpl[(i % clip.FrameCount * SmplLayout.ParameterCount)..((i % clip.FrameCount + 1)
            * SmplLayout.ParameterCount)],
            ReferenceOrigin = smpl[..SmplLayout.ParameterCount],
        })];
    }
}

/// <summary>An output row.</summary>
internal sealed class Imitated
{
    [AnySizeImage]
    public MLImage? TargetImage { get; set; }
}
