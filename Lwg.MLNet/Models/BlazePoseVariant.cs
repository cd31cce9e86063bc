namespace Lwg.MLNet.Models;

/// <summary>The published sizes of BlazePose's landmark network.</summary>
public enum BlazePoseVariant
{
    /// <summary>The smallest and fastest.</summary>
    Lite,

    /// <summary>The middle one.</summary>
    Full,

    /// <summary>The largest, about twice as slow as the middle one.</summary>
    Heavy,
}
