using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Metrics;

/// <summary>Computes the distance of a body's key points from annotated ones.</summary>
internal static class KeypointError
{
    /// <summary>Returns the distance of each of the 17 COCO key points, as a share of the person's height.</summary>
    /// <param name="joints2D">The body's 19 projected key points in [-1,1] over a square picture, [19,2].</param>
    /// <param name="keypoints">The annotated key points, in pixels of the picture.</param>
    /// <param name="size">The picture's side in pixels.</param>
    /// <returns>17 shares; NaN where a key point is absent.</returns>
    public static float[] OfPoints(ReadOnlySpan<float> joints2D, KeypointSet keypoints, int size)
    {
        ArgumentNullException.ThrowIfNull(keypoints);
        float height = keypoints.PersonHeight();
        float[] errors = new float[CocoSkeleton.KeypointCount];
        for (int k = 0; k < errors.Length; k++)
        {
            (float x, float y, _) = keypoints[k];
            int own = Skeleton.CocoToKeypoint[k];
            float dx = (joints2D[2 * own] + 1) * size / 2 - x, dy = (joints2D[2 * own + 1] + 1) * size / 2 - y;
            errors[k] = keypoints.IsVisible(k) ? MathF.Sqrt(dx * dx + dy * dy) / height : float.NaN;
        }
        return errors;
    }

    /// <summary>Returns the mean of the errors that are not NaN.</summary>
    /// <param name="errors">The output of <see cref="OfPoints"/>.</param>
    public static float Mean(IEnumerable<float> errors) => errors.Where(e => !float.IsNaN(e)).Average();
}
