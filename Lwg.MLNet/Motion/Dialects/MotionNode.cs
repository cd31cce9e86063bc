using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Motion.Dialects;

/// <summary>A dictionary, list or array in a motion file, with its name for errors.</summary>
/// <param name="source">The file.</param>
/// <param name="name">Where it is in the file.</param>
/// <param name="value">What it is.</param>
/// <param name="arrays">Makes arrays.</param>
internal sealed class MotionNode(string source, string name, object? value, PickledArrays arrays)
{
    // Metres, radians or shape numbers beyond this are damage, and their squares must stay finite.
    private const float Largest = 1e6f;

    /// <summary>The file.</summary>
    public string Source => source;

    /// <summary>Where it is in the file.</summary>
    public string Name => name;

    /// <summary>Whether it is a dictionary.</summary>
    public bool IsDictionary => value is PickledDictionary;

    /// <summary>Whether it is a list.</summary>
    public bool IsList => value is List<object?> or PickledTuple;

    /// <summary>Whether it is an array.</summary>
    public bool IsArray => value is NumpyArray or Func<NumpyArray> || PickledArrays.IsArray(value);

    /// <summary>The entries of a dictionary or list, in their order.</summary>
    public IEnumerable<MotionNode> Entries => value switch
    {
        PickledDictionary dictionary => dictionary.Select(e => Inner(e.Value, e.Key is string or long ? $"{e.Key}" : "?")),
        List<object?> list => list.Select((item, i) => Inner(item, $"{i}")),
        PickledTuple tuple => tuple.Items.Select((item, i) => Inner(item, $"{i}")),
        _ => [],
    };

    /// <summary>The names in a dictionary.</summary>
    public IEnumerable<string> Keys =>
        value is PickledDictionary dictionary ? dictionary.Keys.Select(k => k is string or long ? $"{k}" : "?") : [];

    /// <summary>Whether a dictionary has all of these names, and something under them.</summary>
    public bool Has(params ReadOnlySpan<string> names)
    {
        foreach (string key in names)
        {
            if (value is not PickledDictionary dictionary || !dictionary.TryGetValue(key, out object? item) || item is null)
                return false;
        }
        return true;
    }

    /// <summary>The first of these names that a dictionary has; null for none.</summary>
    public MotionNode? Find(params ReadOnlySpan<string> names)
    {
        foreach (string key in names)
        {
            if (Has(key))
                return this[key];
        }
        return null;
    }

    /// <summary>What is under a name of a dictionary.</summary>
    public MotionNode this[string key] => value is PickledDictionary dictionary && dictionary.TryGetValue(key, out object? item)
        ? Inner(item, key) : throw new ModelFileException(source, name.Length == 0 ? null
        : name, $"it has no '{key}'; it has {Listing.Of([.. Keys])}.");

    /// <summary>It as an array.</summary>
    public NumpyArray ToArray() => value switch
    {
        NumpyArray array => array,
        Func<NumpyArray> read => read(),
        _ => arrays.ToArray(value, name),
    };

    /// <summary>Its numbers, none of them beyond all measure.</summary>
    public float[] Numbers()
    {
        if (IsList)
            return [.. Entries.SelectMany(e => e.Numbers())];
        NumpyArray array = ToArray();
        // What a file shares between many places is read at each of them.
        arrays.Charge(sizeof(float) * (long)array.Length, name);
        float[] numbers = array.ToSingles();
        int at = Array.FindIndex(numbers, v => !(Math.Abs(v) <= Largest));
        return at < 0 ? numbers : throw Bad($"element {at} is {numbers[at]}; at most {Largest} is allowed.");
    }

    /// <summary>Its numbers in rows of so many, one for each frame.</summary>
    public float[] Rows(int frames, int each)
    {
        float[] numbers = Numbers();
        return numbers.Length == frames * each ? numbers
            : throw Bad($"it has {numbers.Length} numbers, but {each} for each of {frames} frames are needed.");
    }

    /// <summary>Ten numbers of shape: the first ten, or fewer and zeros, of one row or the mean of all.</summary>
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

    /// <summary>An error about it.</summary>
    public ModelFileException Bad(string reason) => new(source, name.Length == 0 ? null : name, reason);

    private MotionNode Inner(object? item, string key) => new(source, name.Length == 0 ? key : $"{name}/{key}", item, arrays);
}
