using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Motion.Dialects;

/// <summary>A dictionary, list or array in a motion file, with its path for errors.</summary>
/// <param name="source">The file.</param>
/// <param name="name">The path in the file.</param>
/// <param name="value">The value.</param>
/// <param name="arrays">Converts values to arrays.</param>
internal sealed class MotionNode(string source, string name, object? value, PickledArrays arrays)
{
    // Larger values, in metres, radians or shape parameters, are damage; their squares must stay finite.
    private const float Largest = 1e6f;

    /// <summary>The file.</summary>
    public string Source => source;

    /// <summary>The path in the file.</summary>
    public string Name => name;

    /// <summary>Whether the value is a dictionary.</summary>
    public bool IsDictionary => value is PickledDictionary;

    /// <summary>Whether the value is a list.</summary>
    public bool IsList => value is List<object?> or PickledTuple;

    /// <summary>Whether the value is an array.</summary>
    public bool IsArray => value is NumpyArray or Func<NumpyArray> || PickledArrays.IsArray(value);

    /// <summary>The entries of a dictionary or list, in order.</summary>
    public IEnumerable<MotionNode> Entries => value switch
    {
        PickledDictionary dictionary => dictionary.Select(e => Inner(e.Value, e.Key is string or long ? $"{e.Key}" : "?")),
        List<object?> list => list.Select((item, i) => Inner(item, $"{i}")),
        PickledTuple tuple => tuple.Items.Select((item, i) => Inner(item, $"{i}")),
        _ => [],
    };

    /// <summary>The keys of a dictionary.</summary>
    public IEnumerable<string> Keys =>
        value is PickledDictionary dictionary ? dictionary.Keys.Select(k => k is string or long ? $"{k}" : "?") : [];

    /// <summary>Whether a dictionary contains all of these keys with non-null values.</summary>
    public bool Has(params ReadOnlySpan<string> names)
    {
        foreach (string key in names)
        {
            if (value is not PickledDictionary dictionary || !dictionary.TryGetValue(key, out object? item) || item is null)
                return false;
        }
        return true;
    }

    /// <summary>Returns the value of the first of these keys that a dictionary contains; null if there is none.</summary>
    public MotionNode? Find(params ReadOnlySpan<string> names)
    {
        foreach (string key in names)
        {
            if (Has(key))
                return this[key];
        }
        return null;
    }

    /// <summary>Returns the value of a key of a dictionary.</summary>
    public MotionNode this[string key] => value is PickledDictionary dictionary && dictionary.TryGetValue(key, out object? item)
        ? Inner(item, key) : throw new ModelFileException(source, name.Length == 0 ? null
        : name, $"it has no '{key}'; it has {Listing.Of([.. Keys])}.");

    /// <summary>Returns the value as an array.</summary>
    public NumpyArray ToArray() => value switch
    {
        NumpyArray array => array,
        Func<NumpyArray> read => read(),
        _ => arrays.ToArray(value, name),
    };

    /// <summary>Returns the elements as floats, and checks that none is too large.</summary>
    public float[] Numbers()
    {
        if (IsList)
            return [.. Entries.SelectMany(e => e.Numbers())];
        NumpyArray array = ToArray();
        // A value that a file shares between many places is read at each of them.
        arrays.Charge(sizeof(float) * (long)array.Length, name);
        float[] numbers = array.ToSingles();
        int at = Array.FindIndex(numbers, v => !(Math.Abs(v) <= Largest));
        return at < 0 ? numbers : throw Bad($"element {at} is {numbers[at]}; at most {Largest} is allowed.");
    }

    /// <summary>Returns the elements as rows of <paramref name="each"/> values, one row per frame.</summary>
    public float[] Rows(int frames, int each)
    {
        float[] numbers = Numbers();
        return numbers.Length == frames * each ? numbers
            : throw Bad($"it has {numbers.Length} values, but {each} for each of {frames} frames are needed.");
    }

    /// <summary>Returns ten shape parameters: the first ten values, padded with zeros, of one row or of the mean of all rows.</summary>
    public float[] Shape()
    {
        int[] sides = IsList ? [] : ToArray().Shape;
        float[] numbers = Numbers(), shape = new float[SmplLayout.ShapeCount];
        int width = sides.Length > 1 ? sides[^1] : numbers.Length, rows = width == 0 ? 0 : numbers.Length / width;
        for (int r = 0; r < rows; r++)
        {
            for (int b = 0; b < Math.Min(width, shape.Length); b++)
                shape[b] += numbers[r * width + b] / rows;
        }
        return shape;
    }

    /// <summary>Creates an error about this node.</summary>
    public ModelFileException Bad(string reason) => new(source, name.Length == 0 ? null : name, reason);

    private MotionNode Inner(object? item, string key) => new(source, name.Length == 0 ? key : $"{name}/{key}", item, arrays);
}
