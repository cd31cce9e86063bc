namespace Lwg.MLNet.Service;

/// <summary>The kinds of requests, one for each address.</summary>
internal enum RequestKind
{
    /// <summary>The person in the pose of a motion's frame or of a reference.</summary>
    Imitate,

    /// <summary>The person doing a motion.</summary>
    Animate,

    /// <summary>The person in the clothes of a reference.</summary>
    Swap,

    /// <summary>A view of the person from another side.</summary>
    View,

    /// <summary>Views of the person from all sides.</summary>
    Turn,
}
