using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>What goes in of the source person: properties are columns.</summary>
internal sealed class SourceRow(MarkedPhoto photo)
{
    [AnySizeImage]
    public MLImage SourcePhoto { get; set; } = ImageCodec.ToImage(photo.Picture);

    /// <summary>x, y in pixels and confidence, in COCO's order; all 0 where nobody marked them, as a model with an estimator needs none.</summary>
    [VectorType(17, 3)]
    public float[] SourcePhotoKeypoints { get; set; } = photo.Keypoints?.Values.ToArray() ?? new float[KeypointSet.Length];
}

/// <summary>What goes in of a person whose pose is imitated.</summary>
internal sealed class ReferenceRow(MarkedPhoto photo)
{
    [AnySizeImage]
    public MLImage ReferencePhoto { get; set; } = ImageCodec.ToImage(photo.Picture);

    /// <summary>x, y in pixels and confidence, in COCO's order; all 0 where nobody marked them, as a model with an estimator needs none.</summary>
    [VectorType(17, 3)]
    public float[] ReferencePhotoKeypoints { get; set; } = photo.Keypoints?.Values.ToArray() ?? new float[KeypointSet.Length];
}

/// <summary>A photograph of a person who is learned.</summary>
internal sealed class PhotoRow(MarkedPhoto photo)
{
    [AnySizeImage]
    public MLImage Photo { get; set; } = ImageCodec.ToImage(photo.Picture);

    [VectorType(17, 3)]
    public float[] PhotoKeypoints { get; set; } = photo.Keypoints?.Values.ToArray() ?? new float[KeypointSet.Length];
}
