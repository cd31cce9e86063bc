namespace Lwg.MLNet.Body;

/// <summary>The ten parts of the body surface, in the order of the part channels.</summary>
internal enum BodyPart
{
    /// <summary>Head and neck.</summary>
    Head = 0,

    /// <summary>Torso.</summary>
    Torso = 1,

    /// <summary>Left leg without the foot.</summary>
    LeftLeg = 2,

    /// <summary>Right leg without the foot.</summary>
    RightLeg = 3,

    /// <summary>Left arm without the hand.</summary>
    LeftArm = 4,

    /// <summary>Right arm without the hand.</summary>
    RightArm = 5,

    /// <summary>Left foot.</summary>
    LeftFoot = 6,

    /// <summary>Right foot.</summary>
    RightFoot = 7,

    /// <summary>Left hand.</summary>
    LeftHand = 8,

    /// <summary>Right hand.</summary>
    RightHand = 9,
}
