namespace Lwg.MLNet.Motion;

/// <summary>Which way is up in a motion file.</summary>
public enum MotionUpAxis
{
    /// <summary>As the kind of file has it, unless the person's own trunk clearly tells otherwise.</summary>
    Auto,

    /// <summary>+y, as in our own files, AIST++ and most BVH.</summary>
    Y,

    /// <summary>+z, as in AMASS.</summary>
    Z,

    /// <summary>-y, as a camera sees it: what estimators of pictures write.</summary>
    NegativeY,
}
