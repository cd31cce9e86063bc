using System.Text.Json;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Cli.Photos;

/// <summary>One photograph of a set.</summary>
/// <param name="File">Its path.</param>
/// <param name="Group">The kind of picture.</param>
/// <param name="Truth">Key points of annotators; null if there are none.</param>
/// <param name="Agreed">Key points on which independent networks agree; null if there are none.</param>
/// <param name="Box">The box of the person, (minX, maxX, minY, maxY) in pixels; null if there is only one person.</param>
internal sealed record MarkedPhotograph(string File, string Group, KeypointSet? Truth, KeypointSet? Agreed,
    (float MinX, float MaxX, float MinY, float MaxY)? Box)
{
    private const double UprightWithin = 30 * Math.PI / 180;

    /// <summary>The key points to compare with.</summary>
    public KeypointSet? Marks => Truth ?? Agreed;

    /// <summary>Whether the picture shows no person.</summary>
    public bool IsEmpty => Group.EndsWith("none", StringComparison.Ordinal);

    /// <summary>Whether the annotated person stands: shoulders above hips above ankles, the trunk within 30 degrees of the
    /// vertical.</summary>
    public bool IsUprightTruth => Truth is not null && IsUpright(Truth);

    /// <summary>Whether the picture shows a standing person.</summary>
    public bool IsStanding => Group is "studio" or "loose" or "wild" || IsUprightTruth;

    /// <summary>Returns the larger extent of the visible marks, in pixels.</summary>
    public static float SizeOf(KeypointSet marks)
    {
        (float minX, float minY, float maxX, float maxY) = marks.Bounds();
        return MathF.Max(maxX - minX, maxY - minY);
    }

    private static bool IsUpright(KeypointSet marks)
    {
        if (Middle(marks, 5, 6) is not { } shoulders || Middle(marks, 11, 12) is not { } hips || Middle(marks, 15, 16) is not { } ankles)
            return false;
        return shoulders.Y < hips.Y && hips.Y < ankles.Y
            && Math.Abs(Math.Atan2(shoulders.X - hips.X, hips.Y - shoulders.Y)) <= UprightWithin;
    }

    private static (float X, float Y)? Middle(KeypointSet marks, int left, int right)
    {
        int a = marks.IsVisible(left) ? left : right, b = marks.IsVisible(right) ? right : left;
        return marks.IsVisible(a) ? ((marks[a].X + marks[b].X) / 2, (marks[a].Y + marks[b].Y) / 2) : null;
    }
}

/// <summary>Reads a folder of photographs with a file 'photos.json' that describes them.</summary>
internal static class PhotoSet
{
    public const string FileName = "photos.json";

    private const long LargestFile = 64 << 20;

    /// <summary>Reads a set.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="LwgException">The file is missing or damaged, or a picture that it names is missing.</exception>
    public static IReadOnlyList<MarkedPhotograph> Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            if (new FileInfo(path).Length > LargestFile)
                throw new LwgException($"'{path}' has more than {LargestFile} bytes.");
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            return [.. document.RootElement.EnumerateArray().Select(photo => ReadOne(folder, photo))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException
        or FormatException or KeyNotFoundException)
        {
            throw new LwgException($"'{path}' is not a list of photographs with file, group, optionally truth, agreed, box: {e.Message}",
                e);
        }
    }

    private static MarkedPhotograph ReadOne(string folder, JsonElement photo)
    {
        string name = Text(photo, "file"), path = Path.Combine(folder, name);
        if (Path.GetFileName(name) != name || !File.Exists(path))
            throw new LwgException($"'{Path.Combine(folder, FileName)}' names a photograph '{name}', which is not in its folder.");
        float[]? box = photo.TryGetProperty("box", out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(v => v.GetSingle())] : null;
        if (box is not (null or { Length: 4 }))
            throw new FormatException($"the box of '{name}' has {box.Length} numbers; x, y, width and height are needed.");
        return new MarkedPhotograph(path, Text(photo, "group"), Marks(photo, "truth"), Marks(photo, "agreed"),
            box is null ? null : (box[0], box[0] + box[2], box[1], box[1] + box[3]));
    }

    private static string Text(JsonElement photo, string name) =>
        photo.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null.");

    private static KeypointSet? Marks(JsonElement photo, string name)
    {
        if (!photo.TryGetProperty(name, out JsonElement marks) || marks.ValueKind != JsonValueKind.Array)
            return null;
        float[] values = [.. marks.EnumerateArray().SelectMany(mark => mark.EnumerateArray().Select(v => v.GetSingle()))];
        for (int k = 2; k < values.Length; k += 3)
            values[k] = Math.Clamp(values[k] / 2, 0, 1);
        return KeypointSet.Create(values);
    }
}
