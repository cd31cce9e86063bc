using System.Text.Json;

namespace Lwg.MLNet.Keypoints;

/// <summary>One person marked in a picture.</summary>
/// <param name="FileName">The picture's file name, without folder; empty when the file gave none.</param>
/// <param name="Width">The picture's width in pixels; 0 when the file gave none.</param>
/// <param name="Height">The picture's height in pixels; 0 when the file gave none.</param>
/// <param name="Keypoints">The 17 key points, in the pixels of that picture.</param>
public sealed record MarkedPerson(string FileName, int Width, int Height, KeypointSet Keypoints);

/// <summary>
/// COCO's 17 key points from the JSON of annotators and detectors, in UTF-8 or UTF-16: COCO data sets ("images", "annotations") and result
/// lists, AlphaPose, OpenPose (18 and 25 points) and its editors, MMPose, Ultralytics, Halpe and whole-body points (the first 17),
/// MediaPipe and TensorFlow.js, and bare arrays. The third number of each key point is COCO's v (0 absent, 1 hidden, 2 visible: 0, 0.5 and
/// 1) when all of a person's are 0, 1 or 2, and outside of data sets only when a 2 is among them; else it is a confidence.
/// Confidences above 1, as some networks have them, count as 1. What is no person is left aside, and so is what belongs to no picture of
/// the file.
/// </summary>
public sealed class CocoKeypoints
{
    private const long MaximumBytes = 64 << 20;

    private readonly string _source;
    private readonly IReadOnlyList<KeypointEntry> _entries;

    private CocoKeypoints(string source, IReadOnlyList<KeypointEntry> entries)
    {
        (_source, _entries) = (source, entries);
        People = [.. entries.Where(e => e.Fault is null)
            .Select(e => new MarkedPerson(e.Picture.IsId ? ""
            : e.Picture.Name, e.Picture.Width, e.Picture.Height, KeypointSet.Create(e.Values)))];
    }

    /// <summary>All people whose key points can be used, in the file's order and its own coordinates; those without any visible key point
    /// are left out.</summary>
    public IReadOnlyList<MarkedPerson> People { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, at most 64 MB.</param>
    /// <exception cref="KeypointInputException">It is missing, is not such JSON, or holds no person whose key points can be.</exception>
    public static CocoKeypoints Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Parse(BoundedFile.ReadOrEmpty(path, MaximumBytes), path);
        }
        catch (ModelFileException e)
        {
            throw new KeypointInputException($"'{path}': the key points cannot be read: {e.Reason}", e);
        }
    }

    /// <summary>Reads JSON from memory.</summary>
    /// <param name="json">The text, UTF-8 or UTF-16.</param>
    /// <param name="source">Its name, for errors.</param>
    /// <exception cref="KeypointInputException">It is not such JSON, or holds no person whose key points can be.</exception>
    public static CocoKeypoints Parse(ReadOnlyMemory<byte> json, string source = "key points")
    {
        try
        {
            using JsonDocument document = OutsideJson.Parse(json, allowNaN: true);
            IReadOnlyList<KeypointEntry> entries = KeypointJson.Read(document.RootElement);
            if (!entries.Any(e => e.Fault is null))
                throw new KeypointInputException(entries.Count > 0 ? $"'{source}', {entries[0].Fault}"
                    : $"'{source}': it holds no person with visible key points, in none of the forms that are read: COCO, AlphaPose, "
                    + $"OpenPose, MMPose, Ultralytics, or arrays of numbers.");
            return new CocoKeypoints(source, entries);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new KeypointInputException($"'{source}': it is not JSON with key points: {e.Message}", e);
        }
    }

    /// <summary>The person marked in a picture, in the coordinates of the file: the tallest when there are several.</summary>
    /// <param name="fileName">The picture's file name; a folder before it is ignored.</param>
    /// <exception cref="KeypointInputException">No person is marked in it, or the key points cannot be.</exception>
    public KeypointSet For(string fileName) => Find(fileName).Keypoints;

    /// <summary>
    /// The person marked in a picture, in its pixels: the tallest when there are several. Where the file says that its picture has another
    /// size, the key points are scaled; coordinates from 0 to 1 are shares of the picture.
    /// </summary>
    /// <param name="fileName">The picture's file name; a folder before it is ignored.</param>
    /// <param name="width">The picture's width in pixels.</param>
    /// <param name="height">The picture's height in pixels.</param>
    /// <exception cref="KeypointInputException">No person is marked in it, the key points cannot be or lie outside of it, or it cannot be
    /// told which pixels they are.</exception>
    public KeypointSet For(string fileName, int width, int height)
    {
        (KeypointSet keypoints, MarkedPicture picture) = Find(fileName);
        try
        {
            KeypointSet scaled = KeypointScale.ToPicture(keypoints, picture, width, height);
            scaled.RequireInside(width, height);
            return scaled;
        }
        catch (KeypointInputException e)
        {
            throw new KeypointInputException($"'{_source}', '{Path.GetFileName(fileName)}': {e.Message}", e);
        }
    }

    /// <summary>Writes people as COCO JSON, with v where all confidences are 0, 0.5 or 1, else the confidences themselves.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="people">The people; those of one file name share an image.</param>
    public static void Save(string path, IReadOnlyList<MarkedPerson> people)
    {
        ArgumentNullException.ThrowIfNull(people);
        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            Write(json, people);
        });
    }

    private (KeypointSet Keypoints, MarkedPicture Picture) Find(string fileName)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        KeypointEntry[] people = EntriesOf(Path.GetFileName(fileName));
        if (people.FirstOrDefault(e => e.Fault is not null)?.Fault is { } fault)
            throw new KeypointInputException($"'{_source}', {fault}");
        return people.Select(e => (KeypointSet.Create(e.Values), e.Picture)).MaxBy(p => p.Item1.PersonHeight());
    }

    // By its name; else by its name in another case; else by an id that is its name without the ending, or COCO's number of it.
    private KeypointEntry[] EntriesOf(string name)
    {
        string stem = Path.GetFileNameWithoutExtension(name);
        foreach (Func<MarkedPicture, bool> isIt in (Func<MarkedPicture, bool>[])
        [
            p => p.Name.Length == 0 || p.Name == name,
            p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase),
            p => p.IsId && (p.Name == stem || (long.TryParse(p.Name, out long id) && long.TryParse(stem, out long number) && id == number)),
        ])
        {
            if (_entries.Where(e => isIt(e.Picture)).ToArray() is { Length: > 0 } found)
                return found;
        }
        // Ids of which nothing is told, as result lists have them, can be of this picture as long as they are of one only.
        string[] names = [.. _entries.Select(e => e.Picture.Name).Distinct()];
        if (names.Length == 1 && _entries[0].Picture.IsId && long.TryParse(names[0], out _))
            return [.. _entries];
        throw new KeypointInputException($"'{_source}': no person is marked in '{name}'; marked are: {Listing.Of(names)}.");
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<MarkedPerson> people)
    {
        List<MarkedPerson> images = [.. people.DistinctBy(p => p.FileName)];
        json.WriteStartObject();
        json.WriteStartArray("images");
        for (int i = 0; i < images.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteString("file_name", images[i].FileName);
            json.WriteNumber("width", images[i].Width);
            json.WriteNumber("height", images[i].Height);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("annotations");
        for (int i = 0; i < people.Count; i++)
        {
            KeypointSet keypoints = people[i].Keypoints;
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteNumber("image_id", 1 + images.FindIndex(p => p.FileName == people[i].FileName));
            json.WriteNumber("category_id", 1);
            json.WriteNumber("iscrowd", 0);
            json.WriteNumber("num_keypoints", keypoints.VisibleCount);
            WriteKeypoints(json, keypoints);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteCategories(json);
        json.WriteEndObject();
    }

    private static void WriteKeypoints(Utf8JsonWriter json, KeypointSet keypoints)
    {
        bool flags = true;
        for (int i = 0; i < CocoSkeleton.KeypointCount; i++)
            flags &= keypoints[i].Confidence is 0 or 0.5f or 1;
        json.WriteStartArray("keypoints");
        for (int i = 0; i < CocoSkeleton.KeypointCount; i++)
        {
            (float x, float y, float confidence) = keypoints[i];
            json.WriteNumberValue(x);
            json.WriteNumberValue(y);
            json.WriteNumberValue(flags ? 2 * confidence : confidence);
        }
        json.WriteEndArray();
    }

    private static void WriteCategories(Utf8JsonWriter json)
    {
        json.WriteStartArray("categories");
        json.WriteStartObject();
        json.WriteNumber("id", 1);
        json.WriteString("name", "person");
        json.WriteStartArray("keypoints");
        foreach (string name in CocoSkeleton.KeypointNames)
            json.WriteStringValue(name.Replace(' ', '_'));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
