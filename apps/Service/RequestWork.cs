using Lwg.MLNet.Extensions;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Service;

/// <summary>Makes the pictures of a request with an engine.</summary>
internal static class RequestWork
{
    /// <summary>Makes them.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">The limits.</param>
    /// <param name="side">The longer side of a picture, at most, pixels.</param>
    /// <param name="gone">Is cancelled when the client goes: then the step at hand is the last one, be it a look at the picture, the source's preparation or a frame.</param>
    /// <returns>A PNG for each frame, and the share of the person's surface that the photograph shows in the least fortunate one.</returns>
    /// <exception cref="LwgException">A picture cannot be worked with, or shows nobody.</exception>
    public static (List<byte[]> Pngs, float SurfaceShown) Imitate(PersonTransferEngine engine, ImitationRequest request, ServiceOptions options, int side, CancellationToken gone)
    {
        gone.ThrowIfCancellationRequested();
        using MLImage photo = Photo.Decode(request.Picture, "picture", options.MaximumPixels, side);
        gone.ThrowIfCancellationRequested();
        float[] pose = request.Reference is null ? [] : FindPose(engine, request.Reference, options, side, gone);
        var pngs = new List<byte[]>();
        float least = 1;
        foreach (int frame in request.Frames)
        {
            using MLImage picture = request.Motion is { } motion
                ? engine.Imitate(photo, Motions.Pose(motion, frame), Motions.Pose(motion, 0), out float shown, gone)
                : engine.Imitate(photo, pose, pose, out shown, gone);
            using var png = new MemoryStream();
            ImageCodec.EncodePng(ImageCodec.ToPixels(picture), png, Provenance.CompositeWithTrainedAlgorithms);
            pngs.Add(png.ToArray());
            least = Math.Min(least, shown);
        }
        return (pngs, least);
    }

    private static float[] FindPose(PersonTransferEngine engine, byte[] reference, ServiceOptions options, int side, CancellationToken gone)
    {
        using MLImage photo = Photo.Decode(reference, "reference", options.MaximumPixels, side);
        return engine.FindPose(photo, gone);
    }
}
