using Lwg.MLNet.Estimation;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Properties of a column beyond its type. They are stored in its annotations, to report incompatible columns as schema
/// errors.</summary>
[Flags]
internal enum ColumnFacts
{
    None = 0,

    /// <summary>Its faces or vertices belong to one body.</summary>
    Body = 1,

    /// <summary>It was created for pictures of one size, S.</summary>
    ImageSize = 2,

    /// <summary>It was sampled with one value of AlignCorners.</summary>
    AlignCorners = 4,
}

/// <summary>A column that a stage reads or writes. Dimensions are numbers or names ("S"). A name has the same value in all columns of the
/// stage, which the input columns determine.</summary>
internal sealed class StageColumn
{
    private StageColumn(string name, DataViewType itemType, string[] dimensions, ColumnFacts facts, bool ofSource)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException("A column name must not be empty.", nameof(name));
        (Name, ItemType, Dimensions, Facts, OfSource) = (name, itemType, dimensions, facts, ofSource);
    }

    public string Name { get; }

    /// <summary>Single, Int32, text, Boolean (output only), or the image type (of unknown size).</summary>
    public DataViewType ItemType { get; }

    public IReadOnlyList<string> Dimensions { get; }

    /// <summary>The names of the elements of a vector or of the values of a key; empty if they have none. For output columns.</summary>
    public IReadOnlyList<string> Names { get; private init; } = [];

    /// <summary>Whether it is the status of a person. An input can be a key or, as saved by earlier versions, an integer.</summary>
    public bool IsStatus { get; private init; }

    /// <summary>Whether a row with a missing or unreadable picture is skipped instead of being an error.</summary>
    public bool MayBeMissing { get; private init; }

    /// <summary>Returns the same column as an image that may be missing.</summary>
    public StageColumn Missable() => new(Name, ItemType, [.. Dimensions], Facts, OfSource) { MayBeMissing = true };

    public ColumnFacts Facts { get; }

    /// <summary>Whether it describes the source. Results that depend on such columns only are computed once while the columns are
    /// unchanged.</summary>
    public bool OfSource { get; }

    /// <summary>Whether a row with a value that is not finite is an error; false if the stage itself handles such values.</summary>
    public bool MustBeFinite { get; private init; } = true;

    /// <summary>Whether it has values for each pixel of a picture. The stages of this library create finite maps from finite
    /// values.</summary>
    public bool IsMap => Dimensions.Count(d => d == "S") == 2;

    public bool IsImage => ItemType is ImageDataViewType;

    public SchemaShape.Column.VectorKind Kind =>
        IsImage || Dimensions.Count == 0 ? SchemaShape.Column.VectorKind.Scalar : SchemaShape.Column.VectorKind.Vector;

    /// <summary>Creates a column of Single: a vector, or a scalar without dimensions.</summary>
    public static StageColumn Singles(string name, string dimensions, ColumnFacts facts = ColumnFacts.None, bool ofSource = false) =>
        new(name, NumberDataViewType.Single, Split(dimensions), facts, ofSource);

    /// <summary>Creates a column of COCO key points [17,3]; the stage validates the values and names the key point in errors.</summary>
    public static StageColumn Keypoints(string name) =>
        new(name, NumberDataViewType.Single, Split("17,3"), ColumnFacts.None, ofSource: false) { MustBeFinite = false,
        Names = SlotNames.Keypoints };

    /// <summary>Creates a column of SMPL parameters [85].</summary>
    public static StageColumn Smpl(string name, bool ofSource = false) =>
        new(name, NumberDataViewType.Single, Split("85"), ColumnFacts.None, ofSource) { Names = SlotNames.Smpl };

    /// <summary>Creates a status column: a key with the names of <see cref="PersonFindingStatus"/>, or an Int32.</summary>
    public static StageColumn Status(string name, bool asNumber = false) =>
        new(name, asNumber ? NumberDataViewType.Int32 : new KeyDataViewType(typeof(uint), PersonStatuses.Names.Count), [], ColumnFacts.None,
        ofSource: false) { Names = asNumber ? [] : PersonStatuses.Names, IsStatus = true };

    /// <summary>Creates the column of a mask over the square of the source picture, if an option names it.</summary>
    public static IEnumerable<StageColumn> PersonMask(string? name, string dimensions = "M,M") =>
        name is null ? [] : [Singles(name, dimensions, ofSource: true)];

    /// <summary>Creates a column of Int32: a vector, or a scalar without dimensions.</summary>
    public static StageColumn Integers(string name, string dimensions, ColumnFacts facts = ColumnFacts.None, bool ofSource = false) =>
        new(name, NumberDataViewType.Int32, Split(dimensions), facts, ofSource);

    /// <summary>Creates a Boolean column.</summary>
    public static StageColumn Flag(string name) => new(name, BooleanDataViewType.Instance, [], ColumnFacts.None, ofSource: false);

    /// <summary>Creates an image column with height and width; any size without dimensions or with unknown names.</summary>
    public static StageColumn Image(string name, string dimensions = "", bool ofSource = false) =>
        new(name, new ImageDataViewType(), Split(dimensions), ColumnFacts.None, ofSource);

    /// <summary>Creates a text column, such as the name of a person.</summary>
    public static StageColumn Text(string name) => new(name, TextDataViewType.Instance, [], ColumnFacts.None, ofSource: false);

    private static string[] Split(string dimensions) =>
        dimensions.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Describes the column for errors.</summary>
    public override string ToString()
    {
        string dimensions = string.Join(",", Dimensions);
        return IsStatus ? "a person's status (a key, or Int32)" : IsImage ? Dimensions.Count == 0 ? "an image" : $"an image [{dimensions}]"
            : Dimensions.Count == 0 ? $"one {ItemType}" : $"a vector of {ItemType} [{dimensions}]";
    }
}
