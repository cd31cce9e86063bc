using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Data;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Batch;

/// <summary>A request as the pipeline reads it: properties are columns, and nothing is opened before a stage asks.</summary>
internal sealed class WorkRow(Request request, bool marked, SourcePhotos photos, ReferencePoses poses)
{
    /// <summary>The photograph, upright.</summary>
    [AnySizeImage]
    public MLImage SourcePhoto
    {
        get
        {
            request.Check();
            return photos.Get(request.Source);
        }
    }

    /// <summary>x, y in pixels and confidence, in COCO's order; read by the pipeline for marked tables.</summary>
    [VectorType(17, 3)]
    public float[] SourcePhotoKeypoints => marked ? request.KeypointNumbers() : new float[KeypointSet.Length];

    /// <summary>The pose to imitate.</summary>
    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceSmpl => Pose().Smpl;

    /// <summary>The first frame of what is imitated.</summary>
    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceOrigin => Pose().Origin;

    private (float[] Smpl, float[] Origin) Pose()
    {
        request.Check();
        return poses.Of(request);
    }
}
