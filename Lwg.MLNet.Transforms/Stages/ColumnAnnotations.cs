using Microsoft.ML;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The names of the annotations of this library's columns.</summary>
internal static class ColumnAnnotations
{
    /// <summary>Text: the hash of the body that the column's vertices or faces belong to.</summary>
    public const string BodyHash = "LwgBodyHash";

    /// <summary>Int32: S, the size of the pictures that the column was created for.</summary>
    public const string ImageSize = "LwgImageSize";

    /// <summary>Boolean: whether the column was sampled with align_corners.</summary>
    public const string AlignCorners = "LwgAlignCorners";

    internal static string? ReadBodyHash(DataViewSchema.Column column) =>
        Read(column, BodyHash, out ReadOnlyMemory<char> hash) ? hash.ToString() : null;

    internal static int? ReadImageSize(DataViewSchema.Column column) => Read(column, ImageSize, out int size) ? size : null;

    internal static bool? ReadAlignCorners(DataViewSchema.Column column) => Read(column, AlignCorners, out bool align) ? align : null;

    private static bool Read<T>(DataViewSchema.Column column, string name, out T value)
    {
        value = default!;
        if (column.Annotations.Schema.GetColumnOrNull(name) is not { } annotation || annotation.Type.RawType != typeof(T))
            return false;
        column.Annotations.GetValue(name, ref value);
        return true;
    }
}
