using System.Runtime.InteropServices;
using System.Text;

namespace Lwg.MLNet.Checkpoints;

/// <summary>Converts the objects of a pickle to arrays: numpy arrays, scipy sparse matrices (made dense), chumpy arrays and selections,
/// plain numbers. An object may be the value of many arrays of a file; each conversion is charged to the file's budget.</summary>
/// <param name="source">The name of the file, for errors.</param>
/// <param name="budget">The read budget of the file.</param>
internal sealed class PickledArrays(string source, ReadBudget budget)
{
    // A dense copy of a sparse matrix has at most 64 MB, enough for the 24 joints of half a million vertices.
    private const long MaximumElements = 1L << 24;

    private const int MaximumDimensions = 8;

    // A selection (1) of a chumpy array (2) that is a numpy array (3); one level in reserve.
    private const int MaximumDepth = 4;

    /// <summary>Whether a value represents an array.</summary>
    public static bool IsArray(object? value) => value is double or long or bool ||
        (value is PickledCall { Name: var name }
        && (name is "chumpy.ch.Ch" or "chumpy.reordering.Select" || name.StartsWith("scipy.sparse.", StringComparison.Ordinal)
            || name.EndsWith("._reconstruct", StringComparison.Ordinal) || name.EndsWith("._frombuffer", StringComparison.Ordinal)
            || name.EndsWith(".scalar", StringComparison.Ordinal)));

    /// <summary>Converts any value that represents an array.</summary>
    /// <exception cref="ModelFileException">The value is not an array, or is too large.</exception>
    public NumpyArray ToArray(object? value, string name) => ToArray(value, name, 1);

    private NumpyArray ToArray(object? value, string name, int depth) => value switch
    {
        PickledCall when depth > MaximumDepth =>
            throw Bad(name, $"its arrays are nested more than {MaximumDepth} levels deep."),
        PickledCall call when call.Name.EndsWith("._reconstruct", StringComparison.Ordinal) => FromState(call, name),
        PickledCall call when call.Name.EndsWith("._frombuffer", StringComparison.Ordinal) => FromBuffer(call, name),
        PickledCall call when call.Name.EndsWith(".scalar", StringComparison.Ordinal) => FromScalar(call, name),
        PickledCall call when call.Name.StartsWith("scipy.sparse.", StringComparison.Ordinal) => FromSparse(call, name, depth + 1),
        PickledCall { Name: "chumpy.ch.Ch" } call => ToArray(call["x"] ?? throw Bad(name, "its chumpy array has no 'x'."), name, depth + 1),
        PickledCall { Name: "chumpy.reordering.Select" } call => FromSelection(call, name, depth + 1),
        double or long or bool => NumpyArray.FromDoubles(source, name, [],
            [Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture)]),
        _ => throw Bad(name, $"it is {Kind(value)}, not an array."),
    };

    /// <summary>Charges the bytes of a copy to the file's budget.</summary>
    public void Charge(long bytes, string name) => budget.Take(bytes, name);

    /// <summary>Returns the declared shape and type of an array without reading its elements; null if the value is not an array.</summary>
    public (int[] Shape, string Type)? Describe(object? value) => value switch
    {
        PickledCall { State: PickledTuple { Items: [_, PickledTuple shape, PickledCall dtype, ..] } } call
            when call.Name.EndsWith("._reconstruct", StringComparison.Ordinal) => (Sizes(shape, ""), TypeName(dtype)),
        PickledCall { Arguments: [_, PickledCall dtype, PickledTuple shape, ..] } call
            when call.Name.EndsWith("._frombuffer", StringComparison.Ordinal) => (Sizes(shape, ""), TypeName(dtype)),
        PickledCall { Arguments: [PickledCall dtype, ..] } call when call.Name.EndsWith(".scalar", StringComparison.Ordinal) =>
            ([], TypeName(dtype)),
        PickledCall call when call.Name.StartsWith("scipy.sparse.", StringComparison.Ordinal) =>
            (Sizes((call["_shape"] ?? call["shape"]) as PickledTuple ?? new PickledTuple([]), ""), (Describe(call["data"])?.Type ?? "")
            + " sparse"),
        PickledCall { Name: "chumpy.ch.Ch" } call when call["x"] is PickledCall { Name: not "chumpy.ch.Ch" } inner => Describe(inner),
        PickledCall { Name: "chumpy.reordering.Select" } call =>
            (call["preferred_shape"] is PickledTuple shape ? Sizes(shape, "") : [], "chumpy selection"),
        double => ([], "f8"),
        long => ([], "i8"),
        bool => ([], "b1"),
        string or byte[] => ([], "text"),
        _ => null,
    };

    private static string TypeName(PickledCall dtype) => dtype is { Arguments: [string type, ..] } ? NumpyHeader.Readable(type) : "unknown";

    private NumpyArray FromState(PickledCall call, string name)
    {
        // (version, shape, dtype, is Fortran order, bytes)
        if (call.State is not PickledTuple { Items: [_, PickledTuple shape, PickledCall dtype, bool fortran, var data] })
            throw Bad(name, "its numpy state is not what numpy writes.");
        return FromBytes(data, shape, dtype, fortran, name);
    }

    private NumpyArray FromBuffer(PickledCall call, string name)
    {
        if (call.Arguments is not [var data, PickledCall dtype, PickledTuple shape, string order])
            throw Bad(name, "its numpy buffer is not what numpy writes.");
        return FromBytes(data, shape, dtype, order == "F", name);
    }

    private NumpyArray FromScalar(PickledCall call, string name)
    {
        if (call.Arguments is not [PickledCall dtype, var data])
            throw Bad(name, "its numpy number is not what numpy writes.");
        return FromBytes(data, new PickledTuple([]), dtype, false, name);
    }

    private NumpyArray FromSparse(PickledCall call, string name, int depth)
    {
        if (call.Name.EndsWith("coo_matrix", StringComparison.Ordinal))
            return FromCoordinates(call, name, depth);
        bool byColumns = call.Name.EndsWith("csc_matrix", StringComparison.Ordinal);
        (int rows, int columns) = SparseShape(call, name);
        int lines = byColumns ? columns : rows;
        float[] data = Part(call, "data", name, depth).ToSingles(-1);
        int[] indices = Part(call, "indices", name, depth).ToInt32s(data.Length), starts = Part(call, "indptr", name, depth)
            .ToInt32s(lines + 1);
        budget.Take(sizeof(float) * (long)rows * columns, name);
        byte[] raw = new byte[sizeof(float) * rows * columns];
        Span<float> dense = MemoryMarshal.Cast<byte, float>(raw.AsSpan());
        for (int line = 0; line < lines; line++)
        {
            if (starts[line] < 0 || starts[line + 1] < starts[line] || starts[line + 1] > data.Length)
                throw Bad(name, $"its sparse matrix's line {line} runs from {starts[line]} to {starts[line + 1]} of "
                    + $"{data.Length} elements.");
            for (int k = starts[line]; k < starts[line + 1]; k++)
            {
                (int row, int column) = byColumns ? (indices[k], line) : (line, indices[k]);
                if ((uint)row >= (uint)rows || (uint)column >= (uint)columns)
                    throw Bad(name, $"its sparse matrix has an element in row {row}, column {column} of {rows} x {columns}.");
                dense[row * columns + column] += data[k];
            }
        }
        return NumpyArray.FromRaw(source, name, [rows, columns], "f4", !BitConverter.IsLittleEndian, false, raw);
    }

    private NumpyArray FromCoordinates(PickledCall call, string name, int depth)
    {
        (int rows, int columns) = SparseShape(call, name);
        float[] data = Part(call, "data", name, depth).ToSingles(-1);
        // Newer versions store both in one tuple.
        object? rowsOf = call["row"], columnsOf = call["col"];
        if (call["coords"] is PickledTuple { Items: [var first, var second] })
            (rowsOf, columnsOf) = (first, second);
        int[] row = Part(rowsOf, $"{name}.row", depth).ToInt32s(data.Length), column = Part(columnsOf, $"{name}.col", depth)
            .ToInt32s(data.Length);
        budget.Take(sizeof(float) * (long)rows * columns, name);
        byte[] raw = new byte[sizeof(float) * rows * columns];
        Span<float> dense = MemoryMarshal.Cast<byte, float>(raw.AsSpan());
        for (int k = 0; k < data.Length; k++)
        {
            if ((uint)row[k] >= (uint)rows || (uint)column[k] >= (uint)columns)
                throw Bad(name, $"its sparse matrix has an element in row {row[k]}, column {column[k]} of {rows} x {columns}.");
            dense[row[k] * columns + column[k]] += data[k];
        }
        return NumpyArray.FromRaw(source, name, [rows, columns], "f4", !BitConverter.IsLittleEndian, false, raw);
    }

    private (int Rows, int Columns) SparseShape(PickledCall call, string name)
    {
        int[] shape = Sizes((call["_shape"] ?? call["shape"]) as PickledTuple ?? throw Bad(name, "its sparse matrix has no shape."), name);
        return shape.Length == 2 && Math.Max(shape[0], shape[1]) <= MaximumElements && (long)shape[0] * shape[1] <= MaximumElements
            ? (shape[0], shape[1])
            : throw Bad(name, $"its sparse matrix is [{string.Join(", ", shape)}]; two dimensions and at most {MaximumElements} elements "
            + $"are allowed.");
    }

    // Chumpy's Select: elements of another array by index, with a separate shape.
    private NumpyArray FromSelection(PickledCall call, string name, int depth)
    {
        float[] of = Part(call, "a", name, depth).ToSingles();
        int[] places = Part(call, "idxs", name, depth).ToInt32s();
        int[] shape = call["preferred_shape"] is PickledTuple preferred ? Sizes(preferred, name) : [places.Length];
        if (shape.Aggregate(1.0, (a, b) => a * b) != places.Length)
            throw Bad(name, $"{places.Length} elements are selected for a shape of [{string.Join(", ", shape)}].");
        budget.Take(2 * sizeof(double) * (long)places.Length, name);
        double[] values = new double[places.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = (uint)places[i] < (uint)of.Length ? of[places[i]]
                : throw Bad(name, $"element {places[i]} of {of.Length} is selected.");
        return NumpyArray.FromDoubles(source, name, shape, values);
    }

    // An array that is part of another one; its elements are copied next.
    private NumpyArray Part(PickledCall call, string part, string name, int depth) => Part(call[part], $"{name}.{part}", depth);

    private NumpyArray Part(object? value, string name, int depth)
    {
        NumpyArray array = ToArray(value, name, depth);
        budget.Take(sizeof(float) * (long)array.Length, name);
        return array;
    }

    private NumpyArray FromBytes(object? data, PickledTuple shape, PickledCall dtype, bool fortran, string name)
    {
        byte[] raw = Raw(data, name);
        if (fortran)
            budget.Take(raw.Length, name);
        return NumpyArray.FromRaw(source, name, Sizes(shape, name), Type(dtype, name), IsBigEndian(dtype), fortran, raw);
    }

    private string Type(PickledCall dtype, string name) =>
        dtype is { Name: "numpy.dtype", Arguments: [string type, ..] } ? type.TrimStart('<', '>', '=', '|')
        : throw Bad(name, "its element type is not a plain one.");

    private static bool IsBigEndian(PickledCall dtype) => dtype.State is PickledTuple { Items: [_, ">", ..] };

    private int[] Sizes(PickledTuple shape, string name) => shape.Items.Length > MaximumDimensions
        ? throw Bad(name, $"it has {shape.Items.Length} dimensions; at most {MaximumDimensions} are allowed.")
        : [.. shape.Items.Select(s => s is long and >= 0 and <= int.MaxValue ? (int)(long)s
        : throw Bad(name, "its shape is not a list of sizes."))];

    private byte[] Raw(object? data, string name) => data switch
    {
        byte[] bytes => bytes,
        string text => Bytes(text, name),
        _ => throw Bad(name, $"its elements are {Kind(data)}, not bytes."),
    };

    private byte[] Bytes(string text, string name)
    {
        budget.Take(text.Length, name);
        return Encoding.Latin1.GetBytes(text);
    }

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

    private ModelFileException Bad(string name, string reason) => new(source, name, reason);
}
