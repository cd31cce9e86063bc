namespace Lwg.MLNet.Synthesis.People;

/// <summary>What hangs beside the body on a mesh of its own.</summary>
internal enum HangingKind
{
    /// <summary>Nothing: the body and what lies on it.</summary>
    None,

    /// <summary>A skirt around the legs.</summary>
    Skirt,

    /// <summary>The lower part of a top, over the hips.</summary>
    Tail,

    /// <summary>Hair on neck and back.</summary>
    Hair,
}
