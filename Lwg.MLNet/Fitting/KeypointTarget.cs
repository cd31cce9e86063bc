using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;


namespace Lwg.MLNet.Fitting;

/// <summary>The target of a key point fit, in image coordinates ([-1,1] over the square).</summary>
/// <param name="X">Marked x.</param>
/// <param name="Y">Marked y.</param>
/// <param name="Weight">The inverse standard deviation of each mark; 0 if it is absent.</param>
/// <param name="Scale">The approximate scale of the camera.</param>
/// <param name="FaceSeen">Whether the nose or an eye is visible.</param>
/// <param name="FaceHidden">Whether an ear is visible but neither nose nor eyes.</param>
internal sealed record KeypointTarget(double[] X, double[] Y, double[] Weight, double Scale, bool FaceSeen, bool FaceHidden)
{
    /// <summary>The distance by which the second point of each pair of <see cref="KeypointObjective.Bones"/> is farther from the viewer
    /// than the first, metres on the body; null if it is unknown.</summary>
    public double[]? Depths { get; init; }

    // Standard deviations of marks, metres on a person: small bones are marked precisely, ears less so under hair; hips are deep under
    // clothes and are marked anywhere between the crest of the pelvis and the crotch. Then heels, toes and hands.
    private static readonly double[] s_deviations =
        [.02, .02, .02, .03, .03, .025, .025, .025, .025, .02, .02, .06, .06, .025, .025, .02, .02, .03, .03, .03, .03, .03, .03];

    /// <summary>Creates a target from marks.</summary>
    /// <param name="keypoints">The marks, in pixels of the square.</param>
    /// <param name="size">The side of the square, pixels.</param>
    /// <param name="model">The body to fit.</param>
    /// <param name="landmarks">The further output of a landmark network; null for none.</param>
    /// <exception cref="KeypointInputException">All marks are in one place.</exception>
    public static KeypointTarget Of(KeypointSet keypoints, int size, KeypointModel model, BodyLandmarks? landmarks = null)
    {
        double[] x = new double[KeypointModel.OutlineOffset], y = new double[x.Length], weight = new double[x.Length];
        for (int k = 0; k < (landmarks is null ? CocoSkeleton.KeypointCount : x.Length); k++)
        {
            (float px, float py, float confidence) = k < CocoSkeleton.KeypointCount ? keypoints[k]
                : landmarks!.At((FurtherPoint)(k - CocoSkeleton.KeypointCount));
            if (confidence > 0)
                (x[k], y[k], weight[k]) = (2.0 * px / size - 1, 2.0 * py / size - 1, confidence);
        }
        double scale = RoughScale(model, x, y, weight);
        for (int k = 0; k < x.Length; k++)
            weight[k] = Math.Sqrt(weight[k]) / (s_deviations[k] * scale);
        // A nose or an eye marked as hidden (0.5) may be on the far side of a head.
        bool face = ((int[])[CocoSkeleton.Nose, CocoSkeleton.LeftEye, CocoSkeleton.RightEye]).Any(k => keypoints[k].Confidence > 0.5f);
        bool ear = keypoints.IsVisible(CocoSkeleton.LeftEar) || keypoints.IsVisible(CocoSkeleton.RightEar);
        return new KeypointTarget(x, y, weight, scale, face, !face && ear)
        {
            Depths = landmarks is null ? null : DepthsOf(model, landmarks),
        };
    }

    private static double[] DepthsOf(KeypointModel model, BodyLandmarks landmarks)
    {
        double larger = LandmarkPose.ScaleOf(model, landmarks);
        return [.. KeypointObjective.Bones.Select(bone => larger * (landmarks.InSpace[bone.To].Z - landmarks.InSpace[bone.From].Z))];
    }

    /// <summary>Estimates the scale of the camera from the spread of the marks and of the key points of the resting body, independent of
    /// the direction of the person.</summary>
    private static double RoughScale(KeypointModel model, double[] x, double[] y, double[] weight)
    {
        var rest = new KeypointPose(model);
        var local = new Matrix3D[Skeleton.JointCount];
        for (int j = 0; j < local.Length; j++)
            local[j] = Matrix3D.Rotation(new Vector3D(PosePrior.Rest[3 * j], PosePrior.Rest[3 * j + 1], PosePrior.Rest[3 * j + 2]));
        rest.Evaluate(local, new double[SmplLayout.ShapeCount]);
        double Spread(Func<int, double> coordinate)
        {
            double sum = weight.Sum(), mean = Enumerable.Range(0, weight.Length).Sum(k => weight[k] * coordinate(k)) / sum;
            return Enumerable.Range(0, weight.Length).Sum(k => weight[k] * (coordinate(k) - mean) * (coordinate(k) - mean)) / sum;
        }
        double seen = Spread(k => x[k]) + Spread(k => y[k]);
        double own = Spread(k => rest.Points[k].X) + Spread(k => rest.Points[k].Y);
        if (seen < 1e-6)
            throw new KeypointInputException("All visible key points are at the same position, so they describe no person.");
        return Math.Sqrt(seen / own);
    }
}
