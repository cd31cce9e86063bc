using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>The input row of the source person: properties are columns.</summary>
internal sealed class SourceRow(MarkedPhoto photo)
{
    [AnySizeImage]
    public MLImage SourcePhoto { get; set; } = ImageCodec.ToImage(photo.Picture);

    /// <summary>The box of the person: minX, maxX, minY, maxY; all 0 if not given.</summary>
    [VectorType(4)]
    public float[] SourcePhotoBox { get; set; } = photo.Box ?? new float[4];

    /// <summary>Width and height of the reference's picture.</summary>
    [VectorType(2)]
    public float[] ReferenceSize { get; set; } = [1, 1];

    /// <summary>The box into which the person is placed, (minX, maxX, minY, maxY) in pixels; all 0 to keep the position.</summary>
    [VectorType(4)]
    public float[] SourceRoomBox { get; set; } = new float[4];

    /// <summary>x, y in pixels and confidence, in COCO's order; all 0 without key points, which a model with an estimator does not
    /// need.</summary>
    [VectorType(17, 3)]
    public float[] SourcePhotoKeypoints { get; set; } = photo.Keypoints?.Values.ToArray() ?? new float[KeypointSet.Length];
}

/// <summary>The input row of a person whose pose is imitated.</summary>
internal sealed class ReferenceRow(MarkedPhoto photo)
{
    [AnySizeImage]
    public MLImage ReferencePhoto { get; set; } = ImageCodec.ToImage(photo.Picture);

    /// <summary>x, y in pixels and confidence, in COCO's order; all 0 without key points, which a model with an estimator does not
    /// need.</summary>
    [VectorType(17, 3)]
    public float[] ReferencePhotoKeypoints { get; set; } = photo.Keypoints?.Values.ToArray() ?? new float[KeypointSet.Length];
}

/// <summary>The source person and a background picture.</summary>
internal sealed class BackdropRow(SourceRow source, Backdrop backdrop, int size)
{
    private readonly SourceRow _source = source;

    [AnySizeImage]
    public MLImage SourcePhoto => _source.SourcePhoto;

    [VectorType(17, 3)]
    public float[] SourcePhotoKeypoints => _source.SourcePhotoKeypoints;

    [VectorType(4)]
    public float[] SourcePhotoBox => _source.SourcePhotoBox;

    [VectorType(2)]
    public float[] ReferenceSize => _source.ReferenceSize;

    [VectorType(4)]
    public float[] SourceRoomBox => _source.SourceRoomBox;

    /// <summary>The background, S x S pixels.</summary>
    [AnySizeImage]
    public MLImage BackgroundImage { get; set; } = backdrop.ToImage(size);
}

/// <summary>The source person, and the reference for the clothes.</summary>
internal sealed class SwapRow(MarkedPhoto source, MarkedPhoto reference)
{
    private readonly SourceRow _source = new(source);
    private readonly ReferenceRow _reference = new(reference);

    [AnySizeImage]
    public MLImage SourcePhoto => _source.SourcePhoto;

    [VectorType(17, 3)]
    public float[] SourcePhotoKeypoints => _source.SourcePhotoKeypoints;

    [VectorType(4)]
    public float[] SourcePhotoBox => _source.SourcePhotoBox;

    [AnySizeImage]
    public MLImage ReferencePhoto => _reference.ReferencePhoto;

    [VectorType(17, 3)]
    public float[] ReferencePhotoKeypoints => _reference.ReferencePhotoKeypoints;
}

/// <summary>A photograph of a person for training.</summary>
internal sealed class PhotoRow(MarkedPhoto photo)
{
    [AnySizeImage]
    public MLImage Photo { get; set; } = ImageCodec.ToImage(photo.Picture);

    [VectorType(17, 3)]
    public float[] PhotoKeypoints { get; set; } = photo.Keypoints?.Values.ToArray() ?? new float[KeypointSet.Length];
}
