using Lwg.MLNet.Extensions;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Service;

/// <summary>Makes the pictures of a request with an engine.</summary>
internal static class RequestWork
{
    /// <summary>Makes the pictures.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">The limits.</param>
    /// <param name="side">The maximum length of a picture's longer side, in pixels.</param>
    /// <param name="made">Called with the number of pictures that are made.</param>
    /// <param name="gone">Cancelled when the client disconnects. The work then stops after the current step: an estimator pass, the
    /// preparation of the source, or a frame.</param>
    /// <returns>A PNG for each frame, and the lowest share of the person's surface in a frame that the photograph shows; null if it is
    /// not measured.</returns>
    /// <exception cref="LwgException">A picture cannot be processed, or shows no person.</exception>
    public static (List<byte[]> Pngs, float? SurfaceShown) Make(PersonTransferEngine engine, TransferRequest request,
        ServiceOptions options, int side, Action<int> made, CancellationToken gone)
    {
        gone.ThrowIfCancellationRequested();
        made(0);
        using MLImage photo = Photo.Decode(request.Picture, "picture", options.MaximumPixels, side);
        gone.ThrowIfCancellationRequested();
        using MLImage? reference = request is ImitationRequest { Reference: { } posed }
            ? Photo.Decode(posed, "reference", options.MaximumPixels, side)
            : request is SwapRequest { Reference: var dressed } ? Photo.Decode(dressed, "reference", options.MaximumPixels, side) : null;
        float[] pose = request is ImitationRequest && reference is not null ? engine.FindPose(reference, gone) : [];
        var pngs = new List<byte[]>();
        float? least = null;
        for (int i = 0; i < request.Count; i++)
        {
            float? shown = null;
            using MLImage picture = request switch
            {
                ImitationRequest { Motion: { } motion } imitation =>
                    Shown(engine.Imitate(photo, Motions.Pose(motion, imitation.Frames[i]), Motions.Pose(motion, 0), out float share, gone),
                    share, out shown),
                ImitationRequest => Shown(engine.Imitate(photo, pose, pose, out float share, gone), share, out shown),
                SwapRequest swap => engine.TransferAppearance(photo, reference!, swap.Parts, gone),
                ViewRequest view => Shown(engine.SynthesizeView(photo, view.Angles[i], out float share, gone), share, out shown),
                _ => throw new ArgumentOutOfRangeException(nameof(request), request, "There is no such request."),
            };
            using var png = new MemoryStream();
            ImageCodec.EncodePng(ImageCodec.ToPixels(picture), png, Provenance.CompositeWithTrainedAlgorithms);
            pngs.Add(png.ToArray());
            least = least is { } before && shown is { } now ? Math.Min(before, now) : shown;
            made(i + 1);
        }
        return (pngs, least);
    }

    private static MLImage Shown(MLImage picture, float share, out float? shown)
    {
        shown = share;
        return picture;
    }
}
