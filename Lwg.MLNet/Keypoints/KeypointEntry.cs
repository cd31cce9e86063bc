namespace Lwg.MLNet.Keypoints;

/// <summary>A picture as a file of key points tells of it.</summary>
/// <param name="Name">Its file name without folder, or its id; empty where the file tells of none.</param>
/// <param name="IsId">Whether the name is no file name.</param>
/// <param name="Width">Its width in pixels; 0 where it is not told.</param>
/// <param name="Height">Its height in pixels; 0 where it is not told.</param>
internal readonly record struct MarkedPicture(string Name, bool IsId, int Width, int Height)
{
    /// <summary>A picture of which nothing is told.</summary>
    public static MarkedPicture Unknown { get; } = new("", false, 0, 0);

    /// <summary>A picture by its file name or id; folders are left out, whichever system wrote them.</summary>
    public static MarkedPicture Named(string name, int width, int height)
    {
        string file = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        return new MarkedPicture(file, file.Length > 0 && Path.GetExtension(file).Length == 0, width, height);
    }
}

/// <summary>What a file of key points tells of a person.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Values">The 17 key points, [17,3], with confidences from 0 to 1.</param>
/// <param name="Fault">What is wrong with it, and where; null where nothing is.</param>
internal sealed record KeypointEntry(MarkedPicture Picture, float[] Values, string? Fault);
