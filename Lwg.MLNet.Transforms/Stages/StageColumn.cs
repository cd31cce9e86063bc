using Lwg.MLNet.Estimation;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>What a column is about, beyond its type; kept in its annotations, so that what does not belong together is a schema
/// error.</summary>
[Flags]
internal enum ColumnFacts
{
    None = 0,

    /// <summary>Its faces or vertices are those of one body.</summary>
    Body = 1,

    /// <summary>It was made for pictures of one size, S.</summary>
    ImageSize = 2,

    /// <summary>It was sampled in one of the two ways.</summary>
    AlignCorners = 4,
}

/// <summary>
/// A column that a stage reads or writes. Dimensions are numbers or names ("S"): a name stands for the same number wherever the stage uses
/// it, and the columns that come in say which.
/// </summary>
internal sealed class StageColumn
{
    private StageColumn(string name, DataViewType itemType, string[] dimensions, ColumnFacts facts, bool ofSource)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException("A column name must not be empty.", nameof(name));
        (Name, ItemType, Dimensions, Facts, OfSource) = (name, itemType, dimensions, facts, ofSource);
    }

    public string Name { get; }

    /// <summary>Single, Int32, text, Boolean (made, never read), or the image type (of unknown size).</summary>
    public DataViewType ItemType { get; }

    public IReadOnlyList<string> Dimensions { get; }

    /// <summary>What the numbers of a vector are called, or the values of a key; empty where they have no names. For columns that are
    /// made.</summary>
    public IReadOnlyList<string> Names { get; private init; } = [];

    /// <summary>Whether it tells what was found of a person. Read, it may be a key or, as earlier versions saved it, a whole
    /// number.</summary>
    public bool IsStatus { get; private init; }

    /// <summary>Whether a row whose picture is missing, or cannot be read, is left out instead of being an error.</summary>
    public bool MayBeMissing { get; private init; }

    /// <summary>The same column, an image that may be missing.</summary>
    public StageColumn Missable() => new(Name, ItemType, [.. Dimensions], Facts, OfSource) { MayBeMissing = true };

    public ColumnFacts Facts { get; }

    /// <summary>Whether it describes the source: what depends only on such columns is computed once while they stay the same.</summary>
    public bool OfSource { get; }

    /// <summary>Whether a row with a number that is not finite is an error of its own; false where the stage itself says what such a number
    /// would be.</summary>
    public bool MustBeFinite { get; private init; } = true;

    /// <summary>Whether it has numbers for each pixel of a picture. Our own stages make such of numbers that are finite, and make nothing
    /// else of them.</summary>
    public bool IsMap => Dimensions.Count(d => d == "S") == 2;

    public bool IsImage => ItemType is ImageDataViewType;

    public SchemaShape.Column.VectorKind Kind =>
        IsImage || Dimensions.Count == 0 ? SchemaShape.Column.VectorKind.Scalar : SchemaShape.Column.VectorKind.Vector;

    /// <summary>A vector of numbers, or without dimensions one number.</summary>
    public static StageColumn Singles(string name, string dimensions, ColumnFacts facts = ColumnFacts.None, bool ofSource = false) =>
        new(name, NumberDataViewType.Single, Split(dimensions), facts, ofSource);

    /// <summary>COCO key points [17,3]; the stage checks their numbers and names the key point.</summary>
    public static StageColumn Keypoints(string name) =>
        new(name, NumberDataViewType.Single, Split("17,3"), ColumnFacts.None, ofSource: false) { MustBeFinite = false,
        Names = SlotNames.Keypoints };

    /// <summary>SMPL numbers [85].</summary>
    public static StageColumn Smpl(string name, bool ofSource = false) =>
        new(name, NumberDataViewType.Single, Split("85"), ColumnFacts.None, ofSource) { Names = SlotNames.Smpl };

    /// <summary>What was found of a person: a key whose names are those of <see cref="PersonFindingStatus"/>, or the number
    /// alone.</summary>
    public static StageColumn Status(string name, bool asNumber = false) =>
        new(name, asNumber ? NumberDataViewType.Int32 : new KeyDataViewType(typeof(uint), PersonStatuses.Names.Count), [], ColumnFacts.None,
        ofSource: false) { Names = asNumber ? [] : PersonStatuses.Names, IsStatus = true };

    /// <summary>A mask over the square of the source's picture, where an option names it.</summary>
    public static IEnumerable<StageColumn> PersonMask(string? name, string dimensions = "M,M") =>
        name is null ? [] : [Singles(name, dimensions, ofSource: true)];

    /// <summary>A vector of whole numbers.</summary>
    public static StageColumn Integers(string name, string dimensions, ColumnFacts facts = ColumnFacts.None, bool ofSource = false) =>
        new(name, NumberDataViewType.Int32, Split(dimensions), facts, ofSource);

    /// <summary>Yes or no.</summary>
    public static StageColumn Flag(string name) => new(name, BooleanDataViewType.Instance, [], ColumnFacts.None, ofSource: false);

    /// <summary>An image, height and width; of any size where a name stands for no number, or without dimensions.</summary>
    public static StageColumn Image(string name, string dimensions = "", bool ofSource = false) =>
        new(name, new ImageDataViewType(), Split(dimensions), ColumnFacts.None, ofSource);

    /// <summary>A text, such as a person's name.</summary>
    public static StageColumn Text(string name) => new(name, TextDataViewType.Instance, [], ColumnFacts.None, ofSource: false);

    private static string[] Split(string dimensions) =>
        dimensions.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Such a column in words.</summary>
    public override string ToString()
    {
        string dimensions = string.Join(",", Dimensions);
        return IsStatus ? "a person's status (a key, or Int32)" : IsImage ? Dimensions.Count == 0 ? "an image" : $"an image [{dimensions}]"
            : Dimensions.Count == 0 ? $"one {ItemType}" : $"a vector of {ItemType} [{dimensions}]";
    }
}
