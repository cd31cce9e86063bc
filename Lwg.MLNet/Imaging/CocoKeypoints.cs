using System.Text.Json;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Imaging;

/// <summary>One person marked in a picture.</summary>
/// <param name="FileName">The picture's file name, without folder; empty when the file gave none.</param>
/// <param name="Width">The picture's width in pixels; 0 when the file gave none.</param>
/// <param name="Height">The picture's height in pixels; 0 when the file gave none.</param>
/// <param name="Keypoints">The 17 key points.</param>
public sealed record MarkedPerson(string FileName, int Width, int Height, KeypointSet Keypoints);

/// <summary>
/// Key points in COCO's JSON: an object with "images" (id, file_name, width, height) and "annotations" (image_id, keypoints: 51 numbers).
/// A bare array of 51 numbers is read as one person of no particular picture. The third number of each key point is COCO's v
/// (0 absent, 1 hidden, 2 visible: 0, 0.5 and 1) when all of a person's are 0, 1 or 2, and in a bare array only when a 2 is among them;
/// else it is a confidence in [0,1].
/// </summary>
public sealed class CocoKeypoints
{
    private const long MaximumBytes = 64 << 20;

    private readonly string _source;

    private CocoKeypoints(string source, IReadOnlyList<MarkedPerson> people) => (_source, People) = (source, people);

    /// <summary>All people, in the file's order; annotations without any visible key point are left out.</summary>
    public IReadOnlyList<MarkedPerson> People { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, at most 64 MB.</param>
    /// <exception cref="KeypointInputException">It is missing, is not such JSON, or holds key points that cannot be.</exception>
    public static CocoKeypoints Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            long length = new FileInfo(path).Length;
            if (length > MaximumBytes)
                throw new KeypointInputException($"'{path}': it has {length} bytes; at most {MaximumBytes} are allowed for key points.");
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeypointInputException($"'{path}': the key points cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads JSON from memory.</summary>
    /// <param name="json">UTF-8 text.</param>
    /// <param name="source">Its name, for errors.</param>
    /// <exception cref="KeypointInputException">It is not such JSON, or holds key points that cannot be.</exception>
    public static CocoKeypoints Parse(ReadOnlyMemory<byte> json, string source = "key points")
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array)
                return new CocoKeypoints(source, [new MarkedPerson("", 0, 0, ReadPerson(root, source, "the array", bare: true))]);
            return new CocoKeypoints(source, ReadDataset(root, source));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new KeypointInputException($"'{source}': it is not JSON with COCO key points (an object with 'images' and 'annotations', or an array of {KeypointSet.Length} numbers): {e.Message}", e);
        }
    }

    /// <summary>The person marked in a picture: the tallest when there are several.</summary>
    /// <param name="fileName">The picture's file name; a folder before it is ignored.</param>
    /// <exception cref="KeypointInputException">No person is marked in it.</exception>
    public KeypointSet For(string fileName)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        string name = Path.GetFileName(fileName);
        MarkedPerson? person = People.Where(p => p.FileName.Length == 0 || p.FileName == name).MaxBy(p => p.Keypoints.PersonHeight());
        return person?.Keypoints ?? throw new KeypointInputException(
            $"'{_source}': no person is marked in '{name}'; marked are: {string.Join(", ", People.Select(p => p.FileName).Distinct().Take(20).DefaultIfEmpty("none"))}.");
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

    private static List<MarkedPerson> ReadDataset(JsonElement root, string source)
    {
        var images = new Dictionary<long, (string Name, int Width, int Height)>();
        foreach (JsonElement image in root.GetProperty("images").EnumerateArray())
        {
            string name = image.GetProperty("file_name").GetString() ?? "";
            images[image.GetProperty("id").GetInt64()] = (Path.GetFileName(name), OptionalSize(image, "width"), OptionalSize(image, "height"));
        }
        var people = new List<MarkedPerson>();
        foreach (JsonElement annotation in root.GetProperty("annotations").EnumerateArray())
        {
            if (!annotation.TryGetProperty("keypoints", out JsonElement keypoints))
                continue;
            long id = annotation.GetProperty("image_id").GetInt64();
            if (!images.TryGetValue(id, out var image))
                throw new KeypointInputException($"'{source}': an annotation belongs to image {id}, which is not among the images.");
            if (annotation.TryGetProperty("num_keypoints", out JsonElement count) && count.GetInt32() == 0)
                continue;
            people.Add(new MarkedPerson(image.Name, image.Width, image.Height, ReadPerson(keypoints, source, $"'{image.Name}'", bare: false)));
        }
        if (people.Count == 0)
            throw new KeypointInputException($"'{source}': no person: none of its annotations has visible key points.");
        return people;
    }

    private static int OptionalSize(JsonElement image, string name) => image.TryGetProperty(name, out JsonElement size) ? size.GetInt32() : 0;

    private static KeypointSet ReadPerson(JsonElement numbers, string source, string where, bool bare)
    {
        float[] values = [.. numbers.EnumerateArray().Select(n => n.GetSingle())];
        float[] thirds = [.. values.Where((_, i) => i % 3 == 2)];
        if (thirds.All(v => v is 0 or 1 or 2) && (!bare || thirds.Contains(2)))
        {
            for (int i = 2; i < values.Length; i += 3)
                values[i] /= 2;
        }
        try
        {
            return KeypointSet.Create(values);
        }
        catch (KeypointInputException e)
        {
            throw new KeypointInputException($"'{source}', {where}: {e.Message}", e);
        }
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
        for (int i = 0; i < Skeleton.CocoKeypointCount; i++)
            flags &= keypoints[i].Confidence is 0 or 0.5f or 1;
        json.WriteStartArray("keypoints");
        for (int i = 0; i < Skeleton.CocoKeypointCount; i++)
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
        foreach (string name in Skeleton.CocoNames)
            json.WriteStringValue(name.Replace(' ', '_'));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
