using System.Runtime.InteropServices;
using System.Text;

namespace Lwg.MLNet.Checkpoints;

/// <summary>Makes arrays of what a pickle holds: numpy arrays, scipy's sparse matrices (dense), chumpy's arrays and selections, plain numbers.</summary>
internal static class PickledArrays
{
    // Dense, a sparse matrix takes at most 64 MB, enough for the 24 joints of half a million vertices.
    private const long MaximumElements = 1L << 24;

    // A selection (1) of a chumpy array (2) that is a numpy array (3); one more to spare.
    private const int MaximumDepth = 4;

    /// <summary>An entry of a dictionary as an array.</summary>
    /// <exception cref="ModelFileException">There is none, or it is no array.</exception>
    public static NumpyArray Get(PickledDictionary dictionary, string key, string source) =>
        dictionary.TryGetValue(key, out object? value)
            ? ToArray(value, source, key)
            : throw new ModelFileException(source, key, $"the array is missing; the file holds {string.Join(", ", dictionary.Keys)}.");

    /// <summary>Whether something is meant to be an array.</summary>
    public static bool IsArray(object? value) => value is double or long or bool ||
        (value is PickledCall { Name: var name } && (name is "chumpy.ch.Ch" or "chumpy.reordering.Select" || name.StartsWith("scipy.sparse.", StringComparison.Ordinal)
            || name.EndsWith("._reconstruct", StringComparison.Ordinal) || name.EndsWith("._frombuffer", StringComparison.Ordinal) || name.EndsWith(".scalar", StringComparison.Ordinal)));

    /// <summary>Anything that is an array as one.</summary>
    /// <exception cref="ModelFileException">It is none.</exception>
    public static NumpyArray ToArray(object? value, string source, string name) => ToArray(value, source, name, 1);

    private static NumpyArray ToArray(object? value, string source, string name, int depth) => value switch
    {
        PickledCall when depth > MaximumDepth => throw Bad(source, name, $"it is made of arrays that are made of arrays, more than {MaximumDepth} deep."),
        PickledCall call when call.Name.EndsWith("._reconstruct", StringComparison.Ordinal) => FromState(call, source, name),
        PickledCall call when call.Name.EndsWith("._frombuffer", StringComparison.Ordinal) => FromBuffer(call, source, name),
        PickledCall call when call.Name.EndsWith(".scalar", StringComparison.Ordinal) => FromScalar(call, source, name),
        PickledCall call when call.Name.StartsWith("scipy.sparse.", StringComparison.Ordinal) => FromSparse(call, source, name, depth + 1),
        PickledCall { Name: "chumpy.ch.Ch" } call => ToArray(call["x"] ?? throw Bad(source, name, "its chumpy array has no 'x'."), source, name, depth + 1),
        PickledCall { Name: "chumpy.reordering.Select" } call => FromSelection(call, source, name, depth + 1),
        double or long or bool => NumpyArray.FromDoubles(source, name, [], [Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture)]),
        _ => throw Bad(source, name, $"it is {Kind(value)}, not an array."),
    };

    private static NumpyArray FromState(PickledCall call, string source, string name)
    {
        // (version, shape, dtype, is Fortran's order, bytes)
        if (call.State is not PickledTuple { Items: [_, PickledTuple shape, PickledCall dtype, bool fortran, var data] })
            throw Bad(source, name, "its numpy state is not what numpy writes.");
        return NumpyArray.FromRaw(source, name, Sizes(shape, source, name), Type(dtype, source, name), IsBigEndian(dtype), fortran, Raw(data, source, name));
    }

    private static NumpyArray FromBuffer(PickledCall call, string source, string name)
    {
        if (call.Arguments is not [var data, PickledCall dtype, PickledTuple shape, string order])
            throw Bad(source, name, "its numpy buffer is not what numpy writes.");
        return NumpyArray.FromRaw(source, name, Sizes(shape, source, name), Type(dtype, source, name), IsBigEndian(dtype), order == "F", Raw(data, source, name));
    }

    private static NumpyArray FromScalar(PickledCall call, string source, string name)
    {
        if (call.Arguments is not [PickledCall dtype, var data])
            throw Bad(source, name, "its numpy number is not what numpy writes.");
        return NumpyArray.FromRaw(source, name, [], Type(dtype, source, name), IsBigEndian(dtype), false, Raw(data, source, name));
    }

    private static NumpyArray FromSparse(PickledCall call, string source, string name, int depth)
    {
        bool byColumns = call.Name.EndsWith("csc_matrix", StringComparison.Ordinal);
        int[] shape = Sizes((call["_shape"] ?? call["shape"]) as PickledTuple ?? throw Bad(source, name, "its sparse matrix has no shape."), source, name);
        if (shape.Length != 2 || (long)shape[0] * shape[1] > MaximumElements)
            throw Bad(source, name, $"its sparse matrix is [{string.Join(", ", shape)}]; two dimensions and at most {MaximumElements} elements are allowed.");
        (int rows, int columns) = (shape[0], shape[1]);
        int lines = byColumns ? columns : rows;
        float[] data = ToArray(call["data"], source, name + ".data", depth).ToSingles(-1);
        int[] indices = ToArray(call["indices"], source, name + ".indices", depth).ToInt32s(data.Length), starts = ToArray(call["indptr"], source, name + ".indptr", depth).ToInt32s(lines + 1);
        byte[] raw = new byte[sizeof(float) * rows * columns];
        Span<float> dense = MemoryMarshal.Cast<byte, float>(raw.AsSpan());
        for (int line = 0; line < lines; line++)
        {
            if (starts[line] < 0 || starts[line + 1] < starts[line] || starts[line + 1] > data.Length)
                throw Bad(source, name, $"its sparse matrix's line {line} runs from {starts[line]} to {starts[line + 1]} of {data.Length} elements.");
            for (int k = starts[line]; k < starts[line + 1]; k++)
            {
                (int row, int column) = byColumns ? (indices[k], line) : (line, indices[k]);
                if ((uint)row >= (uint)rows || (uint)column >= (uint)columns)
                    throw Bad(source, name, $"its sparse matrix has an element in row {row}, column {column} of {rows} x {columns}.");
                dense[row * columns + column] += data[k];
            }
        }
        return NumpyArray.FromRaw(source, name, shape, "f4", !BitConverter.IsLittleEndian, false, raw);
    }

    // Chumpy's Select: elements of another array by their places, in a shape of their own.
    private static NumpyArray FromSelection(PickledCall call, string source, string name, int depth)
    {
        float[] of = ToArray(call["a"], source, name + ".a", depth).ToSingles();
        int[] places = ToArray(call["idxs"], source, name + ".idxs", depth).ToInt32s();
        int[] shape = call["preferred_shape"] is PickledTuple preferred ? Sizes(preferred, source, name) : [places.Length];
        if (shape.Aggregate(1L, (a, b) => a * b) != places.Length)
            throw Bad(source, name, $"{places.Length} elements are selected for a shape of [{string.Join(", ", shape)}].");
        double[] values = new double[places.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = (uint)places[i] < (uint)of.Length ? of[places[i]] : throw Bad(source, name, $"element {places[i]} of {of.Length} is selected.");
        return NumpyArray.FromDoubles(source, name, shape, values);
    }

    private static string Type(PickledCall dtype, string source, string name) =>
        dtype is { Name: "numpy.dtype", Arguments: [string type, ..] } ? type.TrimStart('<', '>', '=', '|') : throw Bad(source, name, "its element type is not a plain one.");

    private static bool IsBigEndian(PickledCall dtype) => dtype.State is PickledTuple { Items: [_, ">", ..] };

    private static int[] Sizes(PickledTuple shape, string source, string name) =>
        [.. shape.Items.Select(s => s is long and >= 0 and <= int.MaxValue ? (int)(long)s : throw Bad(source, name, "its shape is not a list of sizes."))];

    private static byte[] Raw(object? data, string source, string name) => data switch
    {
        byte[] bytes => bytes,
        string text => Encoding.Latin1.GetBytes(text),
        _ => throw Bad(source, name, $"its elements are {Kind(data)}, not bytes."),
    };

    private static string Kind(object? value) => value switch
    {
        null => "None",
        string => "a text",
        PickledDictionary => "a dictionary",
        List<object?> => "a list",
        PickledTuple => "a tuple",
        PickledCall call => $"a {call.Name}",
        _ => $"a {value.GetType().Name}",
    };

    private static ModelFileException Bad(string source, string name, string reason) => new(source, name, reason);
}
