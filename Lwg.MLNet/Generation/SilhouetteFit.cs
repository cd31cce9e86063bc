using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Generation;

/// <summary>Fits a body to its person's silhouette in the picture: estimates the silhouette around the body, fits the body to it, and
/// repeats both once.</summary>
internal static class SilhouetteFit
{
    private const int Rounds = 2;

    /// <summary>Improves a fit.</summary>
    /// <param name="fit">The fitter of the body.</param>
    /// <param name="start">The fit to the key points.</param>
    /// <param name="keypoints">The key points, in pixels of the square.</param>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="size">S.</param>
    /// <param name="cancellationToken">Cancels the work between two rounds.</param>
    public static KeypointFitResult Refine(KeypointFit fit, KeypointFitResult start, KeypointSet keypoints, ReadOnlySpan<float> image,
        int size, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(start);
        BodyModel body = fit.Body;
        var posed = new PosedBody(body);
        var rasterizer = new MeshRasterizer(size);
        float[] points = new float[3 * body.VertexCount], weights = new float[3 * size * size], matte = new float[size * size];
        int[] faceIndex = new int[size * size];
        KeypointFitResult result = start;
        for (int round = 0; round < Rounds; round++)
        {
            body.Pose(result.Smpl, posed);
            Camera.Project(posed.Vertices, new ReadOnlySmpl(result.Smpl).Camera, points);
            rasterizer.Draw(points, body.Faces, faceIndex, weights);
            PersonMatte.Estimate(image, faceIndex, size, matte);
            result = fit.Refine(result.Smpl, keypoints, matte, size, cancellationToken);
        }
        return result;
    }
}
