namespace Lwg.MLNet.Synthesis.People;

/// <summary>The kinds of hanging sheets, which have separate meshes beside the body.</summary>
internal enum HangingKind
{
    /// <summary>None: the body and its tight covers.</summary>
    None,

    /// <summary>A skirt around the legs.</summary>
    Skirt,

    /// <summary>The lower part of a top, over the hips.</summary>
    Tail,

    /// <summary>A coat from the chest downwards.</summary>
    Coat,

    /// <summary>Hair on neck and back.</summary>
    Hair,
}
