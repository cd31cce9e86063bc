using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>Creates schema shapes with constructors that are internal to ML.NET.</summary>
internal static class SchemaShapes
{
    /// <summary>Creates the shape of a column.</summary>
    public static SchemaShape.Column Column(string name, SchemaShape.Column.VectorKind kind, DataViewType itemType,
        IEnumerable<SchemaShape.Column> annotations, bool isKey = false) =>
        new(name, kind, itemType, isKey, new SchemaShape(annotations));

    /// <summary>Creates the shape of a schema.</summary>
    public static SchemaShape Of(DataViewSchema schema) => SchemaShape.Create(schema);
}
