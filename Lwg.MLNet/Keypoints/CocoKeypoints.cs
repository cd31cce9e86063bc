using System.Text.Json;

namespace Lwg.MLNet.Keypoints;

/// <summary>One person marked in a picture.</summary>
/// <param name="FileName">The file name of the picture, without folder; empty if the file gives none.</param>
/// <param name="Width">The width of the picture in pixels; 0 if the file gives none.</param>
/// <param name="Height">The height of the picture in pixels; 0 if the file gives none.</param>
/// <param name="Keypoints">The 17 key points, in pixels of that picture.</param>
public sealed record MarkedPerson(string FileName, int Width, int Height, KeypointSet Keypoints);

/// <summary>
/// COCO's 17 key points from the JSON of annotators and detectors, in UTF-8 or UTF-16: COCO data sets ("images", "annotations") and
/// result lists, AlphaPose, OpenPose (18 and 25 points) and its editors, MMPose, Ultralytics, Halpe and whole-body points (the first 17),
/// MediaPipe and TensorFlow.js, and bare arrays. The third value of each key point is COCO's v (0 absent, 1 hidden, 2 visible: 0, 0.5 and
/// 1) if all values of a person are 0, 1 or 2 and, outside of data sets, at least one is 2; otherwise it is a confidence. Confidences
/// above 1, which some networks write, count as 1. Objects that are not people, or that belong to no picture of the file, are ignored.
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

    /// <summary>All people with usable key points, in the order and coordinates of the file. People without a visible key point are
    /// omitted.</summary>
    public IReadOnlyList<MarkedPerson> People { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, at most 64 MB.</param>
    /// <exception cref="KeypointInputException">The file is missing, is not such JSON, or contains no person with usable key
    /// points.</exception>
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
    /// <param name="source">The name of the source, for errors.</param>
    /// <exception cref="KeypointInputException">The text is not such JSON, or contains no person with usable key points.</exception>
    public static CocoKeypoints Parse(ReadOnlyMemory<byte> json, string source = "key points")
    {
        try
        {
            using JsonDocument document = OutsideJson.Parse(json, allowNaN: true);
            IReadOnlyList<KeypointEntry> entries = KeypointJson.Read(document.RootElement);
            if (!entries.Any(e => e.Fault is null))
                throw new KeypointInputException(entries.Count > 0 ? $"'{source}', {entries[0].Fault}"
                    : $"'{source}': it contains no person with visible key points in a supported format: COCO, AlphaPose, "
                    + $"OpenPose, MMPose, Ultralytics, or arrays of numbers.");
            return new CocoKeypoints(source, entries);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new KeypointInputException($"'{source}': it is not JSON with key points: {e.Message}", e);
        }
    }

    /// <summary>Returns the person marked in a picture, in the coordinates of the file; the tallest if there are several.</summary>
    /// <param name="fileName">The file name of the picture; a folder before it is ignored.</param>
    /// <exception cref="KeypointInputException">No person is marked in the picture, or the key points are invalid.</exception>
    public KeypointSet For(string fileName) => Find(fileName).Keypoints;

    /// <summary>Returns the person marked in a picture, in its pixels; the tallest if there are several. Key points are scaled if the
    /// file gives another size for the picture. Coordinates from 0 to 1 are fractions of the picture.</summary>
    /// <param name="fileName">The file name of the picture; a folder before it is ignored.</param>
    /// <param name="width">The width of the picture in pixels.</param>
    /// <param name="height">The height of the picture in pixels.</param>
    /// <exception cref="KeypointInputException">No person is marked in the picture, the key points are invalid or outside of it, or the
    /// unit of their coordinates is unknown.</exception>
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

    /// <summary>Writes people as COCO JSON, with v if all confidences are 0, 0.5 or 1, otherwise with the confidences.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="people">The people. Those with the same file name share an image.</param>
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

    // By name; else by name ignoring case; else by an id that equals the name without extension, or its number as COCO writes it.
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
        // Ids without a description, as in result lists, match this picture if they all belong to one picture.
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
