using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Data;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Batch;

/// <summary>A request as a row of the pipeline: the properties are columns, and files are opened only when a stage reads them.</summary>
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

    /// <summary>x, y in pixels and confidence, in COCO's order; read only for tables with key points.</summary>
    [VectorType(17, 3)]
    public float[] SourcePhotoKeypoints => marked ? request.KeypointNumbers() : new float[KeypointSet.Length];

    /// <summary>The SMPL parameters of the pose to imitate.</summary>
    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceSmpl => Pose().Smpl;

    /// <summary>The SMPL parameters of the first frame of the motion.</summary>
    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceOrigin => Pose().Origin;

    private (float[] Smpl, float[] Origin) Pose()
    {
        request.Check();
        return poses.Of(request);
    }
}
