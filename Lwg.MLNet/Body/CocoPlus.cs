namespace Lwg.MLNet.Body;

/// <summary>The 19 'COCO+' key points of a body, in their order: limbs and neck, then the head's.</summary>
internal static class CocoPlus
{
    internal const int RightAnkle = 0, RightKnee = 1, RightHip = 2, LeftHip = 3, LeftKnee = 4, LeftAnkle = 5, RightWrist = 6,
        RightElbow = 7, RightShoulder = 8, LeftShoulder = 9, LeftElbow = 10, LeftWrist = 11, Neck = 12;

    internal const int HeadTop = 13, Nose = 14, LeftEye = 15, RightEye = 16, LeftEar = 17, RightEar = 18;
}
