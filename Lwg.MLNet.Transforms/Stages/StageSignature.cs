using System.Globalization;
using Lwg.MLNet.Transforms.Persistence;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The input and output columns of a stage, and their properties that the stage determines.</summary>
internal sealed record StageSignature
{
    public required string Stage { get; init; }

    public required IReadOnlyList<StageColumn> Inputs { get; init; }

    public required IReadOnlyList<StageColumn> Outputs { get; init; }

    /// <summary>The status columns after the inputs; if one of them is not Found, the row has no outputs.</summary>
    public IReadOnlyList<StageColumn> Statuses { get; init; } = [];

    /// <summary>Input or output columns that are hidden.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>Dimensions that the stage determines.</summary>
    public IReadOnlyDictionary<string, int> Sizes { get; init; } = new Dictionary<string, int>();

    /// <summary>The hash of the stage's body.</summary>
    public string? BodyHash { get; init; }

    /// <summary>The sampling that the stage uses or expects.</summary>
    public bool? AlignCorners { get; init; }

    /// <summary>Checks the input columns and returns the output columns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, as in ML.NET's own stages.</exception>
    /// <exception cref="BodyMismatchException">Columns belong to different bodies.</exception>
    public StageBinding Bind(DataViewSchema schema) => new(this, schema);

    /// <summary>Does the same without data, when only kinds and item types are known.</summary>
    public SchemaShape Bind(SchemaShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var columns = shape.ToDictionary(c => c.Name);
        bool body = BodyHash is not null, align = AlignCorners is not null;
        foreach (StageColumn input in Inputs.Concat(Statuses))
        {
            if (!columns.TryGetValue(input.Name, out SchemaShape.Column column))
                throw Missing(input, "inputSchema", columns.Keys);
            if (!Fits(input, column))
                throw Mismatch(input, $"{(column.Kind == SchemaShape.Column.VectorKind.Scalar ? "one" : $"a "
                    + $"{column.Kind} of")} {column.ItemType}", "inputSchema");
            body |= input.Facts.HasFlag(ColumnFacts.Body) && column.Annotations.Any(a => a.Name == ColumnAnnotations.BodyHash);
            align |= input.Facts.HasFlag(ColumnFacts.AlignCorners) && column.Annotations.Any(a => a.Name == ColumnAnnotations.AlignCorners);
        }
        foreach (StageColumn output in Outputs)
        {
            var annotations = new List<SchemaShape.Column>();
            if (body && output.Facts.HasFlag(ColumnFacts.Body))
                annotations.Add(SchemaShapes.Column(ColumnAnnotations.BodyHash, SchemaShape.Column.VectorKind.Scalar,
                    TextDataViewType.Instance, []));
            if (output.Facts.HasFlag(ColumnFacts.ImageSize))
                annotations.Add(SchemaShapes.Column(ColumnAnnotations.ImageSize, SchemaShape.Column.VectorKind.Scalar,
                    NumberDataViewType.Int32, []));
            if (align && output.Facts.HasFlag(ColumnFacts.AlignCorners))
                annotations.Add(SchemaShapes.Column(ColumnAnnotations.AlignCorners, SchemaShape.Column.VectorKind.Scalar,
                    BooleanDataViewType.Instance, []));
            if (output.Names.Count > 0)
                annotations.Add(SchemaShapes.Column(NamesOf(output), SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, []));
            columns[output.Name] = SchemaShapes.Column(output.Name, output.Kind, output.ItemType is KeyDataViewType
                ? NumberDataViewType.UInt32 : output.ItemType, annotations, isKey: output.ItemType is KeyDataViewType);
        }
        foreach (string hidden in Hidden)
            columns.Remove(hidden);
        return new SchemaShape(columns.Values);
    }

    /// <summary>Returns the ML.NET annotation for the names of a column's elements or values.</summary>
    internal static string NamesOf(StageColumn column) => column.ItemType is KeyDataViewType ? "KeyValues" : "SlotNames";

    private static bool Fits(StageColumn input, SchemaShape.Column column)
    {
        if (column.Kind != input.Kind)
            return false;
        if (input.IsStatus)
            return column.IsKey ? column.ItemType.RawType == typeof(uint) : column.ItemType.RawType == typeof(int);
        return !column.IsKey && (input.IsImage ? column.ItemType is ImageDataViewType : column.ItemType.Equals(input.ItemType));
    }

    internal ArgumentOutOfRangeException Missing(StageColumn input, string parameter, IEnumerable<string> columns) =>
        new(parameter, $"Stage '{Stage}' needs a column '{input.Name}' ({input}), but the data have no such "
        + $"column.{ColumnMakers.Hint(input.Name)} The columns are {Listed(columns)}.");

    private static string Listed(IEnumerable<string> columns)
    {
        const int most = 40;
        string[] names = [.. columns.Distinct()];
        return names.Length == 0 ? "none"
            : string.Join(", ", names.Take(most)) + (names.Length > most ? $" and {names.Length - most} more" : "");
    }

    internal ArgumentOutOfRangeException Mismatch(StageColumn input, string found, string parameter, string because = "") =>
        new(parameter, $"Stage '{Stage}' needs column '{input.Name}' to be {input}{because}, but it is {found}.");
}

/// <summary>A stage's signature bound to an actual schema, with known dimensions and facts.</summary>
internal sealed class StageBinding
{
    private readonly StageSignature _signature;
    private readonly Dictionary<string, int> _sizes;
    private readonly Dictionary<string, string> _origins = [];

    public StageBinding(StageSignature signature, DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _signature = signature;
        _sizes = new Dictionary<string, int>(signature.Sizes);
        (BodyHash, AlignCorners) = (signature.BodyHash, signature.AlignCorners);
        InputColumns = [.. signature.Inputs.Concat(signature.Statuses)
            .Select(input => schema.GetColumnOrNull(input.Name)
            ?? throw signature.Missing(input, nameof(schema), schema.Where(c => !c.IsHidden).Select(c => c.Name)))];
        for (int i = 0; i < InputColumns.Count; i++)
            BindColumn(i < signature.Inputs.Count ? signature.Inputs[i] : signature.Statuses[i - signature.Inputs.Count], InputColumns[i]);

        var builder = new DataViewSchema.Builder();
        var hidden = new HashSet<string>(signature.Hidden, StringComparer.Ordinal);
        Passing = [.. Enumerable.Range(0, schema.Count).Where(i => !hidden.Contains(schema[i].Name))];
        Made = [.. Enumerable.Range(0, signature.Outputs.Count).Where(i => !hidden.Contains(signature.Outputs[i].Name))];
        foreach (int i in Passing)
            builder.AddColumn(schema[i].Name, schema[i].Type, schema[i].Annotations);
        foreach (StageColumn output in Made.Select(i => signature.Outputs[i]))
            builder.AddColumn(output.Name, TypeOf(output), AnnotationsOf(output));
        InputSchema = schema;
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    /// <summary>The indices of the input columns that are passed on, in order.</summary>
    public IReadOnlyList<int> Passing { get; }

    /// <summary>The indices of the stage's output columns that are passed on, in order.</summary>
    public IReadOnlyList<int> Made { get; }

    /// <summary>The input columns that are passed on, then the stage's output columns.</summary>
    public DataViewSchema OutputSchema { get; }

    /// <summary>The columns to read: inputs, then statuses.</summary>
    public IReadOnlyList<DataViewSchema.Column> InputColumns { get; }

    public string? BodyHash { get; private set; }

    public bool? AlignCorners { get; private set; }

    /// <summary>Returns the value of a named dimension.</summary>
    public int Size(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : _sizes.TryGetValue(name, out number) ? number
        : throw new InvalidOperationException(
            $"Stage '{_signature.Stage}' cannot determine the size {name} from its columns: give images a known size, for example by "
            + $"ResizeImages or CropPerson.");

    /// <summary>Returns the number of elements of a column.</summary>
    public int Length(StageColumn column) => column.Dimensions.Aggregate(1, (length, d) => checked(length * Size(d)));

    /// <summary>Returns the value of a named dimension, or null if it is unknown.</summary>
    public int? SizeOrNull(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        || _sizes.TryGetValue(name, out number) ? number : null;

    /// <summary>Returns the height and width of an image column, or null if they are unknown.</summary>
    public (int Height, int Width)? ImageSize(StageColumn column) =>
        column.Dimensions.Count == 2 && SizeOrNull(column.Dimensions[0]) is int height && SizeOrNull(column.Dimensions[1]) is int width
        ? (height, width) : null;

    private void BindColumn(StageColumn input, DataViewSchema.Column column)
    {
        if (input.IsStatus)
        {
            bool isStatus = column.Type is KeyDataViewType key ? key.RawType == typeof(uint)
                && key.Count == (ulong)PersonStatuses.Names.Count : column.Type.Equals(NumberDataViewType.Int32);
            if (!isStatus)
                throw Mismatch(input, column);
        }
        else if (input.IsImage)
        {
            if (column.Type is not ImageDataViewType image)
                throw Mismatch(input, column);
            if (input.Dimensions.Count == 2 && image.Height > 0 && image.Width > 0)
            {
                BindSize(input, column, input.Dimensions[0], image.Height);
                BindSize(input, column, input.Dimensions[1], image.Width);
            }
        }
        else if (input.Dimensions.Count == 0)
        {
            if (!column.Type.Equals(input.ItemType))
                throw Mismatch(input, column);
        }
        else
        {
            if (column.Type is not VectorDataViewType { IsKnownSize: true } vector || !vector.ItemType.Equals(input.ItemType))
                throw Mismatch(input, column);
            // A column with fixed dimensions may be flat: key points [17,3] as 51 values.
            bool flat = vector.Dimensions.Length == 1 && input.Dimensions.All(d => char.IsAsciiDigit(d[0]));
            if (flat ? vector.Size != Length(input) : vector.Dimensions.Length != input.Dimensions.Count)
                throw Mismatch(input, column);
            for (int i = 0; !flat && i < input.Dimensions.Count; i++)
                BindSize(input, column, input.Dimensions[i], vector.Dimensions[i]);
        }

        if (input.Facts.HasFlag(ColumnFacts.ImageSize) && ColumnAnnotations.ReadImageSize(column) is int size)
            BindSize(input, column, "S", size);
        if (input.Facts.HasFlag(ColumnFacts.Body) && ColumnAnnotations.ReadBodyHash(column) is string body)
        {
            if (BodyHash is not null && BodyHash != body)
                throw new BodyMismatchException(
                    $"Stage '{_signature.Stage}': column '{input.Name}' belongs to the body {Short(body)}, but the body "
                    + $"{Short(BodyHash)} is expected{From("Body")}.");
            BodyHash = body;
            _origins.TryAdd("Body", input.Name);
        }
        if (input.Facts.HasFlag(ColumnFacts.AlignCorners) && ColumnAnnotations.ReadAlignCorners(column) is bool align)
        {
            if (AlignCorners is not null && AlignCorners != align)
                throw _signature.Mismatch(input, $"sampled with AlignCorners = {align}", "schema",
                    $" sampled with AlignCorners = {AlignCorners}{From("AlignCorners")}");
            AlignCorners = align;
            _origins.TryAdd("AlignCorners", input.Name);
        }
    }

    private void BindSize(StageColumn input, DataViewSchema.Column column, string name, int found)
    {
        if (SizeOrNull(name) is not int expected)
        {
            _sizes[name] = found;
            _origins[name] = input.Name;
        }
        else if (expected != found)
        {
            throw Mismatch(input, column, char.IsAsciiDigit(name[0]) ? "" : $" where {name} = {expected}{From(name)}");
        }
    }

    private string From(string what) => _origins.TryGetValue(what, out string? column) ? $" as in column '{column}'"
        : " by the stage's own settings";

    private ArgumentOutOfRangeException Mismatch(StageColumn input, DataViewSchema.Column column, string because = "")
    {
        string size = input.Facts.HasFlag(ColumnFacts.ImageSize) && ColumnAnnotations.ReadImageSize(column) is int s
            ? $" made for images of {s} x {s}" : "";
        return _signature.Mismatch(input, column.Type + size, "schema", because);
    }

    private DataViewType TypeOf(StageColumn output) =>
        output.IsImage ? ImageSize(output) is (int height, int width) ? new ImageDataViewType(height, width) : new ImageDataViewType()
        : output.Dimensions.Count == 0 ? output.ItemType
        : new VectorDataViewType((PrimitiveDataViewType)output.ItemType, output.Dimensions.Select(Size).ToArray());

    private DataViewSchema.Annotations AnnotationsOf(StageColumn output)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        if (output.Names.Count > 0)
            builder.Add(StageSignature.NamesOf(output), new VectorDataViewType(TextDataViewType.Instance, output.Names.Count),
                (ref VBuffer<ReadOnlyMemory<char>> value) =>
                value = new VBuffer<ReadOnlyMemory<char>>(output.Names.Count, [.. output.Names.Select(n => n.AsMemory())]));
        if (output.Facts.HasFlag(ColumnFacts.Body) && BodyHash is not null)
            builder.Add(ColumnAnnotations.BodyHash, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) =>
                value = BodyHash.AsMemory());
        if (output.Facts.HasFlag(ColumnFacts.ImageSize))
        {
            int size = Size("S");
            builder.Add(ColumnAnnotations.ImageSize, NumberDataViewType.Int32, (ref int value) => value = size);
        }
        if (output.Facts.HasFlag(ColumnFacts.AlignCorners) && AlignCorners is bool align)
            builder.Add(ColumnAnnotations.AlignCorners, BooleanDataViewType.Instance, (ref bool value) => value = align);
        return builder.ToAnnotations();
    }

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] + "..." : hash;
}
