using Lwg.MLNet.Body;
using static Lwg.MLNet.Keypoints.CocoSkeleton;

namespace Lwg.MLNet.Fitting;

/// <summary>Computes the pose whose bones have the directions of landmarks in space, bone by bone from the pelvis outwards. The bend of a
/// limb determines its rotation about itself; a straight limb has the smallest rotation from rest.</summary>
internal sealed class LandmarkPose
{
    // Sines of the bend of a limb at which its plane begins to count, and counts fully.
    private const double BendFrom = 0.15, BendFully = 0.45;

    // The pairs of key points between which limbs and trunk are measured.
    private static readonly (int From, int To)[] s_lengths =
    [
        (LeftShoulder, LeftElbow), (LeftElbow, LeftWrist), (RightShoulder, RightElbow), (RightElbow, RightWrist),
        (LeftHip, LeftKnee), (LeftKnee, LeftAnkle), (RightHip, RightKnee), (RightKnee, RightAnkle),
        (LeftShoulder, LeftHip), (RightShoulder, RightHip),
    ];

    private readonly Vector3D[] _seen;
    private readonly Vector3D[] _rest = new Vector3D[Skeleton.JointCount];
    private readonly KeypointPose _atRest;
    private readonly Matrix3D[] _world = new Matrix3D[Skeleton.JointCount];
    private readonly double[] _axes = new double[3 * Skeleton.JointCount];

    private LandmarkPose(KeypointModel model, Vector3D[] seen)
    {
        _seen = seen;
        double[] meanShape = new double[SmplLayout.ShapeCount];
        for (int j = 0; j < _rest.Length; j++)
            _rest[j] = model.RestJoints[j].At(meanShape);
        var upright = new Matrix3D[Skeleton.JointCount];
        Array.Fill(upright, Matrix3D.Identity);
        _atRest = new KeypointPose(model);
        _atRest.Evaluate(upright, meanShape);
    }

    /// <summary>Computes the pose.</summary>
    /// <param name="model">The precomputed body.</param>
    /// <param name="landmarks">The points in space; hips and shoulders must be distinct.</param>
    /// <param name="pose">Receives axis-angle vectors, [24,3].</param>
    public static void Find(KeypointModel model, BodyLandmarks landmarks, Span<double> pose)
    {
        var finder = new LandmarkPose(model, landmarks.InSpace);
        finder.Run();
        finder._axes.CopyTo(pose);
    }

    /// <summary>Returns the ratio of the lengths of limbs and trunk of the resting body to those of the landmarks.</summary>
    public static double ScaleOf(KeypointModel model, BodyLandmarks landmarks)
    {
        var pose = new LandmarkPose(model, landmarks.InSpace);
        double own = 0, seen = 0;
        foreach ((int a, int b) in s_lengths)
        {
            own += Vector3D.Distance(pose._atRest.Points[a], pose._atRest.Points[b]);
            seen += Vector3D.Distance(pose._seen[a], pose._seen[b]);
        }
        return seen > 0.1 ? Math.Clamp(own / seen, 0.5, 2) : 1;
    }

    private void Run()
    {
        PosePrior.Rest.CopyTo(_axes);
        Vector3D up = 0.5 * (_seen[LeftShoulder] + _seen[RightShoulder]) - 0.5 * (_seen[LeftHip] + _seen[RightHip]);
        Put(Skeleton.Pelvis, Frame(_seen[LeftHip] - _seen[RightHip], up)
            * Transposed(Frame(_rest[Skeleton.LeftHip] - _rest[Skeleton.RightHip], new Vector3D(0, 1, 0))));
        Spine(Frame(_seen[LeftShoulder] - _seen[RightShoulder], up));
        Face();
        foreach (int joint in (int[])[Skeleton.LeftCollar, Skeleton.RightCollar])
            Follow(joint);
        Limb(Skeleton.LeftShoulder, Skeleton.LeftElbow, Skeleton.LeftWrist, LeftShoulder, LeftElbow, LeftWrist, forward: 1, bendAxis: 1);
        Limb(Skeleton.RightShoulder, Skeleton.RightElbow, Skeleton.RightWrist, RightShoulder, RightElbow, RightWrist, forward: 1,
            bendAxis: 1);
        Limb(Skeleton.LeftHip, Skeleton.LeftKnee, Skeleton.LeftAnkle, LeftHip, LeftKnee, LeftAnkle, forward: -1, bendAxis: 0);
        Limb(Skeleton.RightHip, Skeleton.RightKnee, Skeleton.RightAnkle, RightHip, RightKnee, RightAnkle, forward: -1, bendAxis: 0);
    }

    // Distributes the rotation of the chest relative to the pelvis evenly over three joints.
    private void Spine(Matrix3D chest)
    {
        Vector3D whole = Matrix3D.AxisAngle(Transposed(_world[Skeleton.Pelvis]) * chest
            * Transposed(Frame(new Vector3D(1, 0, 0), new Vector3D(0, 1, 0))));
        foreach (int joint in (int[])[Skeleton.Spine1, Skeleton.Spine2, Skeleton.Spine3])
        {
            SetAxes(joint, whole / 3);
            Follow(joint);
        }
    }

    // Distributes the rotation of the head relative to the chest evenly over two joints.
    private void Face()
    {
        Matrix3D seen = HeadFrame(_seen), own = HeadFrame(_atRest.Points);
        Vector3D whole = Matrix3D.AxisAngle(Transposed(_world[Skeleton.Spine3]) * seen * Transposed(own));
        foreach (int joint in (int[])[Skeleton.Neck, Skeleton.Head])
        {
            SetAxes(joint, whole / 2);
            Follow(joint);
        }
    }

    private static Matrix3D HeadFrame(Vector3D[] points)
    {
        Vector3D left = points[LeftEar] - points[RightEar], forward = points[Nose] - 0.5 * (points[LeftEar] + points[RightEar]);
        return Frame(left, Vector3D.Cross(forward, left));
    }

    private void Limb(int root, int middle, int end, int first, int second, int third, int forward, int bendAxis)
    {
        Vector3D upper = (_seen[second] - _seen[first]).Normalized, lower = (_seen[third] - _seen[second]).Normalized;
        Vector3D ownUpper = (_rest[middle] - _rest[root]).Normalized, ownLower = (_rest[end] - _rest[middle]).Normalized;
        // The normal of the plane in which the limb bends, at rest: elbows bend to the front, knees to the back.
        Vector3D ownNormal = Vector3D.Cross(ownUpper, new Vector3D(0, 0, forward)).Normalized;
        Matrix3D parent = _world[Skeleton.Parents[root]];
        Matrix3D swing = Matrix3D.Between(parent * ownUpper, upper) * parent;
        Vector3D normal = swing * ownNormal, bent = Vector3D.Cross(upper, lower);
        // Knees and elbows do not bend the other way: such a plane is noise.
        double believed = Vector3D.Dot(bent, normal) < 0 && bendAxis == 0 ? 0
            : Math.Clamp((bent.Length - BendFrom) / (BendFully - BendFrom), 0, 1);
        normal = ((1 - believed) * normal + believed * bent.Normalized).Normalized;
        Matrix3D turn = Frame(upper, normal) * Transposed(Frame(ownUpper, ownNormal));
        Put(root, turn);
        double bend = Math.Acos(Math.Clamp(Vector3D.Dot(upper, lower), -1, 1))
            - Math.Acos(Math.Clamp(Vector3D.Dot(ownUpper, ownLower), -1, 1));
        var axes = new double[3];
        axes[bendAxis] = Math.Max(bend, 0) * Math.Sign(ownNormal[bendAxis]);
        SetAxes(middle, new Vector3D(axes[0], axes[1], axes[2]));
        Follow(middle);
    }

    // Sets the rotation of a joint in the camera frame.
    private void Put(int joint, Matrix3D turn)
    {
        int parent = Skeleton.Parents[joint];
        SetAxes(joint, Matrix3D.AxisAngle(parent < 0 ? turn : Transposed(_world[parent]) * turn));
        _world[joint] = turn;
    }

    private void Follow(int joint) =>
        _world[joint] = _world[Skeleton.Parents[joint]]
        * Matrix3D.Rotation(new Vector3D(_axes[3 * joint], _axes[3 * joint + 1], _axes[3 * joint + 2]));

    private void SetAxes(int joint, Vector3D axes) =>
        (_axes[3 * joint], _axes[3 * joint + 1], _axes[3 * joint + 2]) = (axes.X, axes.Y, axes.Z);

    /// <summary>Returns the right-handed frame whose second axis has a given direction and whose first axis is as close as possible to
    /// another.</summary>
    private static Matrix3D Frame(Vector3D first, Vector3D second)
    {
        Vector3D y = second.Normalized, x = (first - Vector3D.Dot(first, y) * y).Normalized;
        return Matrix3D.OfColumns(x, y, Vector3D.Cross(x, y));
    }

    private static Matrix3D Transposed(Matrix3D matrix) => new(matrix.Column(0), matrix.Column(1), matrix.Column(2));
}
