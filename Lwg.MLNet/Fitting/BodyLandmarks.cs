using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Fitting;

/// <summary>The output of a landmark network in addition to the 17 COCO key points: feet and hands in the picture, and all points in
/// space. The points are the 17, then <see cref="KeypointModel.FurtherPoints"/>.</summary>
internal sealed class BodyLandmarks
{
    /// <summary>x, y and confidence of the further points, in the coordinates of the key points.</summary>
    public float[] Further { get; } = new float[3 * KeypointModel.FurtherPoints];

    /// <summary>Returns one of the further points.</summary>
    public (float X, float Y, float Confidence) At(FurtherPoint point) =>
        (Further[3 * (int)point], Further[3 * (int)point + 1], Further[3 * (int)point + 2]);

    /// <summary>The positions of all points in space: metres, x right, y down, z away from the viewer.</summary>
    public Vector3D[] InSpace { get; } = new Vector3D[CocoSkeleton.KeypointCount + KeypointModel.FurtherPoints];

    /// <summary>Returns the landmarks with the further points transformed to other coordinates.</summary>
    public BodyLandmarks Transform(in CropTransform transform)
    {
        var moved = new BodyLandmarks();
        InSpace.CopyTo(moved.InSpace, 0);
        Further.CopyTo(moved.Further, 0);
        for (int k = 0; k < Further.Length; k += 3)
            (moved.Further[k], moved.Further[k + 1]) = transform.Apply(Further[k], Further[k + 1]);
        return moved;
    }
}
