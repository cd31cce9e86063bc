using System.Globalization;
using System.Text.Json;

namespace Lwg.MLNet.Keypoints;

/// <summary>
/// Finds the people in the JSON of annotators and detectors: COCO data sets and result lists, AlphaPose, OpenPose and its editors,
/// MMPose, Ultralytics, torchvision, TensorFlow.js, MediaPipe, and bare arrays. An error in a person is stored with the person, because
/// that person may not be needed.
/// </summary>
internal sealed class KeypointJson
{
    private const int MaximumDepth = 4;

    // The names of a person's key points.
    private static readonly string[] s_keypoints = ["keypoints", "pose_keypoints_2d", "pose_keypoints", "pred_keypoints", "joints"];

    // The names of objects that contain people.
    private static readonly string[] s_holders =
        ["people", "bodies", "instance_info", "instances", "predictions", "poses", "results", "pose_landmarks", "poseLandmarks",
            "landmarks"];

    private readonly List<KeypointEntry> _people = [];
    private readonly Dictionary<string, (bool IsPerson, string[]? Names)> _categories = [];
    private string[]? _names;

    /// <summary>Finds people.</summary>
    /// <param name="root">The document.</param>
    /// <returns>The people with a visible key point or an error, in the order of the file.</returns>
    public static IReadOnlyList<KeypointEntry> Read(JsonElement root)
    {
        var reader = new KeypointJson();
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("annotations", out JsonElement annotations)
            && annotations.ValueKind == JsonValueKind.Array)
            reader.Dataset(root, annotations);
        else
            reader.Walk(root, MarkedPicture.Unknown, 0);
        return reader._people;
    }

    private void Dataset(JsonElement root, JsonElement annotations)
    {
        foreach (JsonElement category in Items(root, "categories"))
            Category(category);
        var images = new Dictionary<string, MarkedPicture>();
        foreach (JsonElement image in Items(root, "images"))
        {
            if (image.ValueKind == JsonValueKind.Object && Id(image, "id") is { } id)
                images[id] = MarkedPicture.Named(Id(image, "file_name", "path")
                    ?? "", Size(image, "width"), Size(image, "height")) with { IsId = false };
        }
        foreach (JsonElement annotation in annotations.EnumerateArray())
        {
            // Annotations that belong to no picture of the file are ignored.
            if (annotation.ValueKind == JsonValueKind.Object && Id(annotation, "image_id") is { } id
                && images.TryGetValue(id, out MarkedPicture picture))
                Person(annotation, picture, annotated: true);
        }
    }

    private void Category(JsonElement category)
    {
        if (category.ValueKind != JsonValueKind.Object || Id(category, "id") is not { } id)
            return;
        string[] names = [.. Items(category, "keypoints").Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!)];
        string name = (Id(category, "name") ?? "").ToLowerInvariant();
        bool isPerson = name is "person" or "people" or "human" or "pedestrian" or "man" or "woman" or "body"
            || (names.Length > 0 && KeypointOrder.OfNames(names) is not null);
        _categories[id] = (isPerson, names.Length > 0 ? names : null);
    }

    private void Walk(JsonElement node, MarkedPicture picture, int depth)
    {
        if (depth > MaximumDepth)
            return;
        if (node.ValueKind == JsonValueKind.Array)
            List(node, picture, depth);
        else if (node.ValueKind == JsonValueKind.Object)
            Object(node, picture, depth);
    }

    private void List(JsonElement list, MarkedPicture picture, int depth)
    {
        if (list.GetArrayLength() == 0)
            return;
        if (IsPoints(list))
        {
            Points(list, null, picture, annotated: false);
            return;
        }
        foreach (JsonElement item in list.EnumerateArray())
            Walk(item, picture, depth + 1);
    }

    private void Object(JsonElement node, MarkedPicture picture, int depth)
    {
        picture = PictureOf(node, picture);
        if (s_keypoints.Any(name => node.TryGetProperty(name, out _)))
        {
            Person(node, picture, annotated: false);
            return;
        }
        if (node.TryGetProperty("meta_info", out JsonElement meta) && meta.ValueKind == JsonValueKind.Object
            && meta.TryGetProperty("keypoint_id2name", out JsonElement names) && names.ValueKind == JsonValueKind.Object)
            _names = [.. names.EnumerateObject().Select(n => n.Value.ValueKind == JsonValueKind.String ? n.Value.GetString()! : "")];
        string[] holders = [.. s_holders.Where(name =>
            node.TryGetProperty(name, out JsonElement inner) && inner.ValueKind is JsonValueKind.Array or JsonValueKind.Object)];
        foreach (string holder in holders)
            Walk(node.GetProperty(holder), picture, depth + 1);
        if (holders.Length > 0 || depth > 0)
            return;
        // AlphaPose also writes one object with pictures by name.
        foreach (JsonProperty entry in node.EnumerateObject())
        {
            if (entry.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                Walk(entry.Value, MarkedPicture.Named(entry.Name, 0, 0), depth + 1);
        }
    }

    private void Person(JsonElement person, MarkedPicture picture, bool annotated)
    {
        string? category = Id(person, "category_id");
        (bool IsPerson, string[]? Names) known = (true, null);
        if (category is not null && _categories.Count > 0)
            known = _categories.TryGetValue(category, out var given) ? (given.IsPerson || _categories.Count == 1, given.Names)
                : (false, null);
        if (!known.IsPerson || IsOtherClass(person))
            return;
        if (person.TryGetProperty("num_keypoints", out JsonElement count) && count.ValueKind == JsonValueKind.Number
            && count.GetDouble() == 0)
            return;
        foreach (string key in s_keypoints)
        {
            if (person.TryGetProperty(key, out JsonElement keypoints) && keypoints.ValueKind != JsonValueKind.Null)
            {
                // Without a list of categories, an annotation whose category is not COCO's number of people counts only if its points
                // match.
                Points(keypoints, person, picture, annotated, known.Names, optional: category is not (null or "1")
                    && _categories.Count == 0);
                return;
            }
        }
    }

    private void Points(JsonElement keypoints, JsonElement? person, MarkedPicture picture, bool annotated, string[]? names = null,
        bool optional = false)
    {
        JsonElement? scores = person is { } owner ? Scores(owner) : null;
        // Several people in one array: [P,K,3].
        if (keypoints.ValueKind == JsonValueKind.Array && keypoints.GetArrayLength() > 0 && keypoints[0].ValueKind == JsonValueKind.Array
            && !IsRow(keypoints[0]))
        {
            int p = 0;
            foreach (JsonElement one in keypoints.EnumerateArray())
            {
                bool own = scores is { ValueKind: JsonValueKind.Array } all && all.GetArrayLength() > p
                    && all[p].ValueKind == JsonValueKind.Array;
                Add(one, own ? scores!.Value[p] : keypoints.GetArrayLength() == 1 ? scores : null, picture, annotated, names, optional);
                p++;
            }
            return;
        }
        Add(keypoints, scores, picture, annotated, names, optional);
    }

    private void Add(JsonElement keypoints, JsonElement? scores, MarkedPicture picture, bool annotated, string[]? names, bool optional)
    {
        var points = new KeypointPoints { AreFlags = annotated, Names = names ?? _names };
        if (keypoints.ValueKind == JsonValueKind.Object)
            points.AddColumns(keypoints);
        else if (keypoints.ValueKind != JsonValueKind.Array || keypoints.GetArrayLength() == 0)
            return;
        else if (keypoints[0].ValueKind == JsonValueKind.Object)
            points.AddObjects(keypoints);
        else if (keypoints[0].ValueKind == JsonValueKind.Array)
            points.AddRows(keypoints);
        else
            points.AddFlat(keypoints);
        if (scores is { } given)
            points.SetConfidences(given);
        float[] values = points.ToCoco();
        string? fault = points.Fault ?? KeypointSet.FaultOf(values);
        if (fault is null ? !HasVisible(values) : optional)
            return;
        string where = picture.Name.Length > 0 ? $"person {_people.Count + 1}, in '{picture.Name}'" : $"person {_people.Count + 1}";
        _people.Add(new KeypointEntry(picture, values, fault is null ? null : $"{where}: {fault.TrimEnd('.')}."));
    }

    // Ultralytics gives the class as number and name, others as a name.
    private static bool IsOtherClass(JsonElement person) =>
        person.TryGetProperty("class", out JsonElement kind)
        && (kind.ValueKind == JsonValueKind.String ? kind.GetString() : Id(person, "name")) is { } name
        && !name.Equals("person", StringComparison.OrdinalIgnoreCase);

    private static bool HasVisible(float[] values)
    {
        for (int i = 2; i < values.Length; i += 3)
        {
            if (values[i] > 0)
                return true;
        }
        return false;
    }

    private static JsonElement? Scores(JsonElement person)
    {
        foreach (string name in (string[])["keypoint_scores", "keypoints_scores", "keypoints_score"])
        {
            if (person.TryGetProperty(name, out JsonElement scores) && scores.ValueKind == JsonValueKind.Array)
                return scores;
        }
        return null;
    }

    // The points of a person: numbers, rows of numbers, people of rows, or objects with coordinates.
    private static bool IsPoints(JsonElement list) => list[0].ValueKind switch
    {
        JsonValueKind.Object => !s_keypoints.Any(name => list[0].TryGetProperty(name, out _))
            && ((list[0].TryGetProperty("x", out _) && list[0].TryGetProperty("y", out _)) || list[0].TryGetProperty("position", out _)),
        JsonValueKind.Array => list[0].GetArrayLength() > 0 && list[0][0].ValueKind is not JsonValueKind.Object
            && (IsRow(list[0]) || (list[0][0].ValueKind == JsonValueKind.Array && IsRow(list[0][0])) || list[0].GetArrayLength() > 3),
        _ => true,
    };

    private static bool IsRow(JsonElement array) => array.ValueKind == JsonValueKind.Array && array.GetArrayLength() is 1 or 2 or 3
        && array[0].ValueKind is JsonValueKind.Number or JsonValueKind.Null;

    private static MarkedPicture PictureOf(JsonElement node, MarkedPicture picture)
    {
        if (Id(node, "file_name", "image_name", "filename", "imagePath", "img_path", "image_path", "image", "image_id",
            "frame_id") is { } name)
            picture = MarkedPicture.Named(name, picture.Width, picture.Height);
        (int width, int height) = (Size(node, "canvas_width", "image_width", "imageWidth"),
            Size(node, "canvas_height", "image_height", "imageHeight"));
        // The width and height of a person are those of a box.
        bool isPerson = node.TryGetProperty("x", out _) || s_keypoints.Any(key => node.TryGetProperty(key, out _));
        if (width == 0 && !isPerson)
        {
            JsonElement sized = node.TryGetProperty("image", out JsonElement image) && image.ValueKind == JsonValueKind.Object ? image
                : node;
            (width, height) = (Size(sized, "width"), Size(sized, "height"));
        }
        return width > 0 && height > 0 ? picture with { Width = width, Height = height } : picture;
    }

    private static IEnumerable<JsonElement> Items(JsonElement node, string name) =>
        node.TryGetProperty(name, out JsonElement items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : [];

    // Ids are numbers or texts; both may be used for the same picture.
    private static string? Id(JsonElement node, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (!node.TryGetProperty(name, out JsonElement id))
                continue;
            if (id.ValueKind == JsonValueKind.String)
                return id.GetString();
            if (id.ValueKind == JsonValueKind.Number)
                return id.TryGetInt64(out long whole) ? whole.ToString(CultureInfo.InvariantCulture) : id.GetRawText();
        }
        return null;
    }

    private static int Size(JsonElement node, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (node.TryGetProperty(name, out JsonElement size) && size.ValueKind == JsonValueKind.Number
                && size.GetDouble() is >= 1 and <= int.MaxValue and var value)
                return (int)value;
        }
        return 0;
    }
}
