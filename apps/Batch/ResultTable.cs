using Parquet.Serialization;

namespace Lwg.MLNet.Batch;

/// <summary>The result table's files.</summary>
internal static class ResultTable
{
    public const string CsvName = "results.csv";
    public const string ParquetName = "results.parquet";

    /// <summary>Writes the table.</summary>
    public static async Task WriteAsync(string folder, IReadOnlyList<ResultRow> rows, bool parquet)
    {
        CsvTable.Write(Path.Combine(folder, CsvName), ResultRow.Columns, rows.Select(r => r.ToCells()));
        if (!parquet)
            return;
        using var bytes = new MemoryStream();
        await ParquetSerializer.SerializeAsync(rows, bytes);
        AtomicFile.Write(Path.Combine(folder, ParquetName), stream => bytes.WriteTo(stream));
    }

    /// <summary>Reads the table.</summary>
    /// <exception cref="LwgException">It is not there, or no result table.</exception>
    public static ResultRow[] Read(string folder)
    {
        string path = Path.Combine(folder, CsvName);
        if (!File.Exists(path))
            throw new LwgException($"'{path}': there is no result table; a run writes it when it is through.");
        try
        {
            return [.. CsvTable.Read(path).InOrder(ResultRow.Columns).Select(ResultRow.FromCells)];
        }
        catch (FormatException e)
        {
            throw new LwgException($"'{path}': it is no result table: {e.Message}", e);
        }
    }
}
