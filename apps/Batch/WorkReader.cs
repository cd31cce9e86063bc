using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Batch;

/// <summary>Reads the output of the pipeline row by row. A column that is not read is not computed; a failed row does not affect the next
/// one.</summary>
internal sealed class WorkReader : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly ValueGetter<float> _shown;
    private readonly ValueGetter<float>? _overlap;
    private readonly ValueGetter<float>? _residual;
    private readonly ValueGetter<float> _acceptable;
    private readonly ValueGetter<MLImage> _photo;

    public WorkReader(IDataView data)
    {
        string[] columns = ["SurfaceShown", "SilhouetteOverlap", "FitResidual", "Acceptable", "TargetPhoto"];
        _cursor = data.GetRowCursor(columns.Select(data.Schema.GetColumnOrNull).OfType<DataViewSchema.Column>());
        _shown = _cursor.GetGetter<float>(data.Schema["SurfaceShown"]);
        _overlap = Optional("SilhouetteOverlap");
        _residual = Optional("FitResidual");
        _acceptable = _cursor.GetGetter<float>(data.Schema["Acceptable"]);
        _photo = _cursor.GetGetter<MLImage>(data.Schema["TargetPhoto"]);

        ValueGetter<float>? Optional(string name) => data.Schema.GetColumnOrNull(name) is { } column ? _cursor.GetGetter<float>(column)
            : null;
    }

    public bool MoveNext() => _cursor.MoveNext();

    /// <summary>Writes the quality measures into the result.</summary>
    public void Measure(ResultRow result)
    {
        (result.SurfaceShown, result.SilhouetteOverlap, result.FitResidual) = (Number(_shown), Number(_overlap), Number(_residual));
        float acceptable = 0;
        _acceptable(ref acceptable);
        result.Acceptable = acceptable != 0;
    }

    /// <summary>Returns the picture; the caller disposes of it.</summary>
    public MLImage Photo()
    {
        MLImage photo = null!;
        _photo(ref photo);
        return photo;
    }

    public void Dispose() => _cursor.Dispose();

    // Four digits exceed the precision of the measures, and are the same in CSV and Parquet.
    private static double? Number(ValueGetter<float>? getter)
    {
        if (getter is null)
            return null;
        float value = 0;
        getter(ref value);
        return Math.Round(value, 4);
    }
}
