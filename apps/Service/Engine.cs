using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Service;

/// <summary>Makes pictures, one request after another. For frames of the same photograph the person is found once.</summary>
internal sealed class Engine(PredictionEngine<PhotoRow, PictureRow> imitate, PredictionEngine<ReferenceRow, PoseRow> find) : IDisposable
{
    /// <summary>Makes the pictures of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">The limits.</param>
    /// <param name="side">The longer side of a picture, at most, pixels.</param>
    /// <param name="gone">Is cancelled when the client goes: then the step at hand is the last one, be it a look at the picture, the source's preparation or a frame.</param>
    /// <returns>A PNG for each frame, and the share of the person's surface that the photograph shows in the least fortunate one.</returns>
    /// <exception cref="LwgException">A picture cannot be worked with, or shows nobody.</exception>
    public (List<byte[]> Pngs, float SurfaceShown) Imitate(ImitationRequest request, ServiceOptions options, int side, CancellationToken gone)
    {
        RequestAtWork.Begin(gone);
        RequestAtWork.ThrowIfAbandoned();
        using MLImage photo = Photo.Decode(request.Picture, "picture", options.MaximumPixels, side);
        RequestAtWork.ThrowIfAbandoned();
        float[] pose = request.Reference is null ? [] : FindPose(request.Reference, options, side);
        var pngs = new List<byte[]>();
        float shown = 1;
        foreach (int frame in request.Frames)
        {
            RequestAtWork.ThrowIfAbandoned();
            PictureRow result = imitate.Predict(new PhotoRow
            {
                SourcePhoto = photo,
                ReferenceSmpl = request.Motion is null ? pose : Motions.Pose(request.Motion, frame),
                ReferenceOrigin = request.Motion is null ? pose : Motions.Pose(request.Motion, 0),
            });
            using MLImage picture = result.TargetPhoto!;
            using var png = new MemoryStream();
            ImageCodec.EncodePng(ImageCodec.ToPixels(picture), png, Provenance.CompositeWithTrainedAlgorithms);
            pngs.Add(png.ToArray());
            shown = Math.Min(shown, result.SurfaceShown);
        }
        return (pngs, shown);
    }

    public void Dispose()
    {
        imitate.Dispose();
        find.Dispose();
    }

    private float[] FindPose(byte[] reference, ServiceOptions options, int side)
    {
        using MLImage photo = Photo.Decode(reference, "reference", options.MaximumPixels, side);
        return find.Predict(new ReferenceRow { ReferencePhoto = photo }).ReferenceSmpl;
    }
}
