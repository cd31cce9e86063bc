namespace Lwg.MLNet.Body;

/// <summary>The joint tree of SMPL and the orders of its key points.</summary>
internal static class Skeleton
{
    /// <summary>The number of SMPL joints.</summary>
    public const int JointCount = 24;

    /// <summary>The number of 'COCO+' key points of a body.</summary>
    public const int KeypointCount = 19;

    // The joints, in SMPL's order.
    internal const int Pelvis = 0, LeftHip = 1, RightHip = 2, Spine1 = 3, LeftKnee = 4, RightKnee = 5, Spine2 = 6, LeftAnkle = 7,
        RightAnkle = 8, Spine3 = 9, LeftFoot = 10, RightFoot = 11;
    internal const int Neck = 12, LeftCollar = 13, RightCollar = 14, Head = 15, LeftShoulder = 16, RightShoulder = 17, LeftElbow = 18,
        RightElbow = 19, LeftWrist = 20, RightWrist = 21, LeftHand = 22, RightHand = 23;

    /// <summary>The parent of each joint; -1 for the root.</summary>
    public static ReadOnlySpan<int> Parents => [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21];

    /// <summary>The names of the joints.</summary>
    public static IReadOnlyList<string> JointNames { get; } =
    [
        "pelvis", "left hip", "right hip", "spine 1", "left knee", "right knee", "spine 2", "left ankle", "right ankle", "spine 3",
        "left foot", "right foot", "neck", "left collar", "right collar", "head", "left shoulder", "right shoulder",
        "left elbow", "right elbow", "left wrist", "right wrist", "left hand", "right hand",
    ];

    /// <summary>For each COCO key point, its index in the 19 'COCO+' key points.</summary>
    public static ReadOnlySpan<int> CocoToKeypoint =>
    [
        CocoPlus.Nose, CocoPlus.LeftEye, CocoPlus.RightEye, CocoPlus.LeftEar, CocoPlus.RightEar, CocoPlus.LeftShoulder,
        CocoPlus.RightShoulder, CocoPlus.LeftElbow, CocoPlus.RightElbow, CocoPlus.LeftWrist, CocoPlus.RightWrist, CocoPlus.LeftHip,
        CocoPlus.RightHip, CocoPlus.LeftKnee, CocoPlus.RightKnee, CocoPlus.LeftAnkle, CocoPlus.RightAnkle,
    ];

    /// <summary>For each joint, the joint of the other side (the joint itself on the midline).</summary>
    public static ReadOnlySpan<int> MirrorJoints => [0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20, 23, 22];
}
