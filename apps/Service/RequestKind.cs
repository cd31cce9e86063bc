namespace Lwg.MLNet.Service;

/// <summary>What is asked for at an address.</summary>
internal enum RequestKind
{
    /// <summary>A motion's frame, or the pose of a reference.</summary>
    Imitate,

    /// <summary>A motion.</summary>
    Animate,

    /// <summary>The clothes of a reference.</summary>
    Swap,

    /// <summary>A view from another side.</summary>
    View,

    /// <summary>Views all around.</summary>
    Turn,
}
