namespace Lwg.MLNet.Keypoints;

/// <summary>The key points of COCO, in its order.</summary>
internal static class CocoSkeleton
{
    /// <summary>The number of key points.</summary>
    public const int KeypointCount = 17;

    internal const int Nose = 0, LeftEye = 1, RightEye = 2, LeftEar = 3, RightEar = 4, LeftShoulder = 5, RightShoulder = 6, LeftElbow = 7,
        RightElbow = 8, LeftWrist = 9, RightWrist = 10, LeftHip = 11, RightHip = 12, LeftKnee = 13, RightKnee = 14, LeftAnkle = 15,
        RightAnkle = 16;

    /// <summary>The names of the key points.</summary>
    public static IReadOnlyList<string> KeypointNames { get; } =
    [
        "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder", "left elbow", "right elbow",
        "left wrist", "right wrist", "left hip", "right hip", "left knee", "right knee", "left ankle", "right ankle",
    ];

    /// <summary>For each key point, the key point of the other side; the key point itself if there is none.</summary>
    internal static ReadOnlySpan<int> Mirror => [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15];
}
