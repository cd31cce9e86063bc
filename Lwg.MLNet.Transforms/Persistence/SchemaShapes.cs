using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>Makes the schema shapes that ML.NET lets only its own assemblies make.</summary>
internal static class SchemaShapes
{
    /// <summary>The shape of a column.</summary>
    public static SchemaShape.Column Column(string name, SchemaShape.Column.VectorKind kind, DataViewType itemType,
        IEnumerable<SchemaShape.Column> annotations, bool isKey = false) =>
        new(name, kind, itemType, isKey, new SchemaShape(annotations));

    /// <summary>The shape of a schema.</summary>
    public static SchemaShape Of(DataViewSchema schema) => SchemaShape.Create(schema);
}
