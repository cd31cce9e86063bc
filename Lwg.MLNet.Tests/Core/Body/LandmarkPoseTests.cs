using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Tests.Body;

/// <summary>Fits bodies to 3D landmarks of known poses.</summary>
[TestClass]
public sealed class LandmarkPoseTests
{
    private const int Size = 256;

    private static readonly KeypointFit s_fit = new(BodyModel.Default);
    private static readonly KeypointModel s_model = new(BodyModel.Default);

    // Root's turn about the vertical in degrees; arm, elbow, leg and knee in radians. Includes poses that face away, stand sideways or
    // lie: no start from several facings is needed.
    [TestMethod]
    [DataRow(0, -1.1, 0.3, 0.0, 0.1)]
    [DataRow(180, -0.4, 1.2, 0.4, 0.8)]
    [DataRow(90, 0.6, 0.2, 0.2, 0.3)]
    [DataRow(-60, 0.9, 1.8, 0.6, 1.4)]
    [DataRow(135, -1.2, 2.0, 0.9, 1.5)]
    public void ThePoseIsRecovered(double turn, double arm, double elbow, double leg, double knee)
    {
        float[] truth = Person(turn, arm, elbow, leg, knee);
        (KeypointSet keypoints, BodyLandmarks landmarks) = Seen(truth);
        float[] guess = new float[SmplLayout.ParameterCount];
        s_fit.Guess(keypoints, landmarks, Size, guess);
        // Bone directions alone do not determine the twist of a straight limb or the bend of the spine.
        Assert.IsLessThan(0.05f, Error(guess, keypoints), "Key points before the fit, as a share of the height.");
        KeypointFitResult fitted = s_fit.FitNear(guess, keypoints, [], Size, landmarks);
        Assert.IsLessThan(0.012f, fitted.Error);
        PosedBody a = Pose(truth), b = Pose(fitted.Smpl);
        // One picture does not determine depth: without 3D landmarks, a figure that faces away, or an arm towards the viewer, is off by
        // decimetres.
        Assert.IsLessThan(0.05, JointError.FromRoot(a.Joints, b.Joints), "Metres.");
    }

    [TestMethod]
    public void HandsAndFeetFollowTheirLandmarks()
    {
        float[] truth = Person(20, -0.9, 0.4, 0.1, 0.2);
        (truth[SmplLayout.PoseOffset + 3 * Skeleton.LeftAnkle], truth[SmplLayout.PoseOffset + 3 * Skeleton.LeftAnkle + 1]) = (0.6f, 0.4f);
        truth[SmplLayout.PoseOffset + 3 * Skeleton.RightWrist + 2] = 0.4f;
        (KeypointSet keypoints, BodyLandmarks landmarks) = Seen(truth);
        float[] guess = new float[SmplLayout.ParameterCount];
        s_fit.Guess(keypoints, landmarks, Size, guess);
        double with = Distance(s_fit.FitNear(guess, keypoints, [], Size, landmarks).Smpl),
            without = Distance(s_fit.FitNear(guess, keypoints, [], Size).Smpl);
        Assert.IsLessThan(0.6 * without, with, "Toes and hands, metres from the truth.");

        double Distance(float[] smpl)
        {
            Vector3D[] a = Points(truth), b = Points(smpl);
            int toe = CocoSkeleton.KeypointCount + (int)FurtherPoint.LeftToe, hand = CocoSkeleton.KeypointCount
                + (int)FurtherPoint.RightHand;
            return Vector3D.Distance(a[toe] - a[11], b[toe] - b[11]) + Vector3D.Distance(a[hand] - a[11], b[hand] - b[11]);
        }
    }

    [TestMethod]
    public void HeelsAreBehindAndToesInFront()
    {
        var feet = new FootVertices(BodyModel.Default);
        float[] rest = BodyModel.Default.Data.Template;
        foreach ((FurtherPoint heel, FurtherPoint toe, int side) in new[] { (FurtherPoint.LeftHeel, FurtherPoint.LeftToe, 1),
            (FurtherPoint.RightHeel, FurtherPoint.RightToe, -1) })
        {
            int h = 3 * feet[heel], t = 3 * feet[toe];
            Assert.AreEqual(side, Math.Sign(rest[h]), "The left side is at positive x.");
            Assert.AreEqual(side, Math.Sign(rest[t]));
            Assert.IsTrue(rest[t + 2] - rest[h + 2] is > 0.18f and < 0.32f, $"A foot is {rest[t + 2] - rest[h + 2]} m long.");
            Assert.IsLessThan(0.06f, Math.Abs(rest[t + 1] - rest[h + 1]), "Both are near the floor.");
        }
    }

    private static float[] Person(double turn, double arm, double elbow, double leg, double knee)
    {
        float[] smpl = new float[SmplLayout.ParameterCount];
        (smpl[0], smpl[1], smpl[2]) = (0.8f, 0.05f, -0.1f);
        Matrix3D root = Matrix3D.Rotation(new Vector3D(Math.PI, 0, 0))
            * Matrix3D.Rotation(new Vector3D(0, double.DegreesToRadians(turn), 0));
        Vector3D axis = Matrix3D.AxisAngle(root);
        Set(0, axis.X, axis.Y, axis.Z);
        Set(Skeleton.LeftShoulder, 0.1, -0.2, arm);
        Set(Skeleton.RightShoulder, 0, 0.1, -0.5 * arm);
        Set(Skeleton.LeftElbow, 0, -elbow, 0);
        Set(Skeleton.RightElbow, 0, 0.7 * elbow, 0);
        Set(Skeleton.LeftHip, -leg, 0, 0.1);
        Set(Skeleton.RightHip, 0.2 * leg, 0, -0.05);
        Set(Skeleton.LeftKnee, knee, 0, 0);
        Set(Skeleton.RightKnee, 0.3 * knee, 0, 0);
        Set(Skeleton.Neck, 0.1, 0.2, 0);
        return smpl;

        void Set(int joint, double x, double y, double z) =>
            (smpl[SmplLayout.PoseOffset + 3 * joint], smpl[SmplLayout.PoseOffset + 3 * joint + 1],
            smpl[SmplLayout.PoseOffset + 3 * joint + 2]) = ((float)x, (float)y, (float)z);
    }

    private static (KeypointSet Keypoints, BodyLandmarks Landmarks) Seen(float[] smpl)
    {
        Vector3D[] points = Points(smpl);
        var landmarks = new BodyLandmarks();
        float[] keypoints = new float[KeypointSet.Length];
        Vector3D hips = 0.5 * (points[11] + points[12]);
        for (int k = 0; k < points.Length; k++)
        {
            Span<float> to = k < CocoSkeleton.KeypointCount ? keypoints.AsSpan(3 * k, 3)
                : landmarks.Further.AsSpan(3 * (k - CocoSkeleton.KeypointCount), 3);
            (to[0], to[1], to[2]) = ((float)(smpl[0] * (points[k].X + smpl[1]) + 1) * Size / 2,
                (float)(smpl[0] * (points[k].Y + smpl[2]) + 1) * Size / 2, 0.9f);
            landmarks.InSpace[k] = points[k] - hips;
        }
        return (KeypointSet.Create(keypoints), landmarks);
    }

    private static Vector3D[] Points(float[] smpl)
    {
        var pose = new KeypointPose(s_model);
        var local = new Matrix3D[Skeleton.JointCount];
        for (int j = 0; j < local.Length; j++)
            local[j] = Matrix3D.Rotation(new Vector3D(smpl[3 + 3 * j], smpl[4 + 3 * j], smpl[5 + 3 * j]));
        pose.Evaluate(local, [.. smpl[SmplLayout.ShapeOffset..].Select(b => (double)b)]);
        return pose.Points;
    }

    private static float Error(float[] smpl, KeypointSet keypoints) =>
        KeypointError.Mean(KeypointError.OfPoints(Pose(smpl).Keypoints2D, keypoints, Size));

    private static PosedBody Pose(float[] smpl)
    {
        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(smpl, posed);
        return posed;
    }
}
