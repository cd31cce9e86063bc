namespace Lwg.MLNet.Keypoints;

/// <summary>The description of a picture in a file of key points.</summary>
/// <param name="Name">The file name without folder, or the id; empty if the file gives none.</param>
/// <param name="IsId">Whether the name is not a file name.</param>
/// <param name="Width">The width in pixels; 0 if it is unknown.</param>
/// <param name="Height">The height in pixels; 0 if it is unknown.</param>
internal readonly record struct MarkedPicture(string Name, bool IsId, int Width, int Height)
{
    /// <summary>A picture without a description.</summary>
    public static MarkedPicture Unknown { get; } = new("", false, 0, 0);

    /// <summary>Creates a picture from its file name or id. Folders in the path format of any system are removed.</summary>
    public static MarkedPicture Named(string name, int width, int height)
    {
        string file = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        return new MarkedPicture(file, file.Length > 0 && Path.GetExtension(file).Length == 0, width, height);
    }
}

/// <summary>The description of a person in a file of key points.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Values">The 17 key points, [17,3], with confidences from 0 to 1.</param>
/// <param name="Fault">The error in the entry, and its location; null if there is none.</param>
internal sealed record KeypointEntry(MarkedPicture Picture, float[] Values, string? Fault);
