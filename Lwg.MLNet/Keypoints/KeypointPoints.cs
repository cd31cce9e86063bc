using System.Globalization;
using System.Text.Json;

namespace Lwg.MLNet.Keypoints;

/// <summary>The points of one person, in the order and number of the detector that wrote them.</summary>
internal sealed class KeypointPoints
{
    // Nearly all scores are between 0 and 1; those of SimCC networks are slightly above 1.
    private const float LargestScore = 10;

    private readonly List<float> _x = [], _y = [], _confidence = [];
    private List<string>? _names;

    /// <summary>The error in the points; null if there is none.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether the points come from an annotator, whose third values are flags.</summary>
    public bool AreFlags { get; init; }

    /// <summary>The names of the points, in their order, if the file gives them elsewhere.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Adds points from a flat list: x, y and confidence of each, or x and y.</summary>
    public void AddFlat(JsonElement numbers)
    {
        float[] values = new float[numbers.GetArrayLength()];
        int at = 0;
        foreach (JsonElement number in numbers.EnumerateArray())
            values[at++] = Number(number);
        int width = values.Length % 3 == 0 && KeypointOrder.OfCount(values.Length / 3) is null && values.Length % 2 == 0
            && KeypointOrder.OfCount(values.Length / 2) is not null ? 2
            : values.Length % 3 == 0 || values.Length % 2 != 0 ? 3 : 2;
        if (values.Length % width != 0)
            Fault ??= string.Create(CultureInfo.InvariantCulture,
                $"{KeypointSet.Length} values (x, y and confidence of 17 key points) are one of the supported formats, but "
                + $"{values.Length} were given");
        for (int i = 0; i + width <= values.Length; i += width)
            Add(values[i], values[i + 1], width == 3 ? values[i + 2] : float.NaN);
    }

    /// <summary>Adds points from rows of x, y and optionally confidence.</summary>
    public void AddRows(JsonElement rows)
    {
        foreach (JsonElement row in rows.EnumerateArray())
        {
            if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() is not (2 or 3))
                Fault ??= "each key point is a row of x, y and confidence, but one is not";
            else
                Add(Number(row[0]), Number(row[1]), row.GetArrayLength() == 3 ? Number(row[2]) : float.NaN);
        }
    }

    /// <summary>Adds points from columns: lists of x, of y and optionally of confidences.</summary>
    public void AddColumns(JsonElement columns)
    {
        if (!columns.TryGetProperty("x", out JsonElement x) || !columns.TryGetProperty("y", out JsonElement y)
            || x.ValueKind != JsonValueKind.Array || y.ValueKind != JsonValueKind.Array || x.GetArrayLength() != y.GetArrayLength())
        {
            Fault ??= "its key points are an object without lists 'x' and 'y' of one length";
            return;
        }
        JsonElement? confidence = Property(columns, "visible", "confidence", "conf", "score") is { ValueKind: JsonValueKind.Array } given
            && given.GetArrayLength() == x.GetArrayLength() ? given : null;
        for (int i = 0; i < x.GetArrayLength(); i++)
            Add(Number(x[i]), Number(y[i]), confidence is { } list ? Number(list[i]) : float.NaN);
    }

    /// <summary>Adds points from objects with x and y, or a position, and optionally a name and a confidence.</summary>
    public void AddObjects(JsonElement points)
    {
        foreach (JsonElement point in points.EnumerateArray())
        {
            JsonElement place = point.TryGetProperty("position", out JsonElement position) && position.ValueKind == JsonValueKind.Object
                ? position : point;
            if (!place.TryGetProperty("x", out JsonElement x) || !place.TryGetProperty("y", out JsonElement y))
            {
                Fault ??= "one of its key points has no x and y";
                continue;
            }
            Add(Number(x), Number(y), Property(point, "score", "visibility", "confidence") is { } score ? Number(score) : float.NaN);
            if (Property(point, "name", "part", "label", "class") is { ValueKind: JsonValueKind.String } name)
                (_names ??= []).Add(name.GetString()!);
        }
    }

    /// <summary>Sets confidences that the file stores separately.</summary>
    public void SetConfidences(JsonElement scores)
    {
        if (scores.ValueKind != JsonValueKind.Array || scores.GetArrayLength() != _x.Count)
        {
            Fault ??= string.Create(CultureInfo.InvariantCulture, $"there are {_x.Count} key points, but not as many scores");
            return;
        }
        int at = 0;
        foreach (JsonElement score in scores.EnumerateArray())
            _confidence[at++] = score.ValueKind == JsonValueKind.Array && score.GetArrayLength() == 1 ? Number(score[0]) : Number(score);
    }

    /// <summary>Returns COCO's 17 key points, [17,3]; zeros if there is an error.</summary>
    public float[] ToCoco()
    {
        float[] values = new float[KeypointSet.Length];
        IReadOnlyList<string>? names = _names?.Count == _x.Count ? _names : Names?.Count == _x.Count ? Names : null;
        int[]? places = (names is null ? null : KeypointOrder.OfNames(names)) ?? KeypointOrder.OfCount(_x.Count);
        if (places is null)
            Fault ??= string.Create(CultureInfo.InvariantCulture,
                $"it has {_x.Count} key points in an unknown order; supported are {KeypointOrder.Counts}, or others "
                + $"with names");
        if (Fault is not null || places is null)
            return values;
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            if (places[k] >= 0)
                (values[3 * k], values[3 * k + 1], values[3 * k + 2]) = (_x[places[k]], _y[places[k]], _confidence[places[k]]);
        }
        ToShares(values);
        return values;
    }

    private void Add(float x, float y, float confidence)
    {
        // Missing points are null or, without a confidence, at (0, 0).
        if (float.IsNaN(x) || float.IsNaN(y) || (float.IsNaN(confidence) && x == 0 && y == 0))
            (x, y, confidence) = (0, 0, 0);
        _x.Add(x);
        _y.Add(y);
        _confidence.Add(float.IsNaN(confidence) ? 1 : confidence);
    }

    private void ToShares(float[] values)
    {
        bool flags = true, two = false, whole = true;
        for (int i = 2; i < values.Length; i += 3)
        {
            flags &= values[i] is 0 or 1 or 2;
            whole &= values[i] == MathF.Truncate(values[i]);
            two |= values[i] == 2;
        }
        for (int i = 2; i < values.Length; i += 3)
        {
            if (flags && (AreFlags || two))
                values[i] /= 2;
            else if (!(Math.Abs(values[i]) <= (whole ? 2 : LargestScore)))
                Fault ??= string.Create(CultureInfo.InvariantCulture,
                    $"key point {i / 3} ({CocoSkeleton.KeypointNames[i / 3]}) has confidence {values[i]}; values from 0 to 1 "
                    + $"are allowed, and scores up to {LargestScore} count as 1");
            else
                values[i] = Math.Clamp(values[i], 0, 1);
        }
    }

    private float Number(JsonElement number)
    {
        if (number.ValueKind == JsonValueKind.Null)
            return float.NaN;
        if (number.ValueKind != JsonValueKind.Number)
        {
            Fault ??= $"one of its values is a {number.ValueKind}";
            return 0;
        }
        float value = (float)number.GetDouble();
        if (!float.IsFinite(value))
            Fault ??= "one of its values is not finite";
        return value;
    }

    private static JsonElement? Property(JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (element.TryGetProperty(name, out JsonElement value))
                return value;
        }
        return null;
    }
}
