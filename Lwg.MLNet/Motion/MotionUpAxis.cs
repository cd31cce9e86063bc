namespace Lwg.MLNet.Motion;

/// <summary>The up axis of a motion file.</summary>
public enum MotionUpAxis
{
    /// <summary>The axis of the file format, unless the person's trunk clearly indicates another one.</summary>
    Auto,

    /// <summary>+y, as in this library's files, AIST++ and most BVH files.</summary>
    Y,

    /// <summary>+z, as in AMASS.</summary>
    Z,

    /// <summary>-y, as in a camera frame and the output of estimators for pictures.</summary>
    NegativeY,
}
