using Parquet.Serialization;

namespace Lwg.MLNet.Batch;

/// <summary>Reads and writes the files of the result table.</summary>
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
    /// <exception cref="LwgException">The file does not exist, or is not a result table.</exception>
    public static ResultRow[] Read(string folder)
    {
        string path = Path.Combine(folder, CsvName);
        if (!File.Exists(path))
            throw new LwgException($"'{path}': there is no result table; a run writes it when it has finished.");
        try
        {
            return [.. CsvTable.Read(path).InOrder(ResultRow.Columns).Select(ResultRow.FromCells)];
        }
        catch (FormatException e)
        {
            throw new LwgException($"'{path}': it is not a result table: {e.Message}", e);
        }
    }
}
