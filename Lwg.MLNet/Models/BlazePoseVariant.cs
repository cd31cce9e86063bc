namespace Lwg.MLNet.Models;

/// <summary>The sizes in which BlazePose's landmark network was published.</summary>
public enum BlazePoseVariant
{
    /// <summary>The smallest and fastest.</summary>
    Lite,

    /// <summary>The middle one.</summary>
    Full,

    /// <summary>The largest, some twice as slow as the middle one.</summary>
    Heavy,
}
