using System.Globalization;
using System.Security.Cryptography;
using Parquet.Serialization;

namespace Lwg.MLNet.Batch;

/// <summary>
/// The table of requests: the columns id and source, then motion (and frame) or reference, and optionally keypoints. CsvHelper reads CSV,
/// Parquet.Net reads Parquet. An invalid table is an error; an invalid row is refused.
/// </summary>
internal sealed class RequestTable
{
    private const int LongestId = 100;

    private static readonly string[] s_columns = ["id", "source", "keypoints", "motion", "frame", "reference"];
    private static readonly string[] s_needed = ["id", "source"];

    private RequestTable(string path, string[] columns, IEnumerable<string[]> cells)
    {
        Columns = columns;
        foreach (string missing in s_needed.Where(c => !columns.Contains(c)))
            throw new LwgException($"'{path}': the table has no column '{missing}'; its columns may be {string.Join(", ", s_columns)}.");
        foreach (string unknown in columns.Where(c => !s_columns.Contains(c)))
            throw new LwgException($"'{path}': the table has a column '{unknown}', which is unknown; its columns may be "
                + $"{string.Join(", ", s_columns)}.");
        if (columns.GroupBy(c => c).FirstOrDefault(c => c.Count() > 1)?.Key is { } twice)
            throw new LwgException($"'{path}': the table has the column '{twice}' twice.");
        Rows = [.. cells.Select((row, i) => ToRequest(row, i + 1))];
        CheckIds(path);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
    }

    public IReadOnlyList<Request> Rows { get; }

    /// <summary>The columns of the table, in order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Whether rows give their person's key points; otherwise the estimator finds the person.</summary>
    public bool HasKeypoints => Columns.Contains("keypoints");

    /// <summary>The hash of the table's file.</summary>
    public string Sha256 { get; }

    /// <summary>Reads a table.</summary>
    /// <param name="path">The file, .csv (.tsv, .txt) or .parquet.</param>
    /// <exception cref="LwgException">The table cannot be read, lacks a column, or two rows have the same id.</exception>
    public static async Task<RequestTable> LoadAsync(string path)
    {
        if (!File.Exists(path))
            throw new LwgException($"'{path}': the table does not exist.");
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" or ".tsv" or ".txt" => LoadCsv(path),
            ".parquet" => await LoadParquetAsync(path),
            var other => throw new LwgException($"'{path}': tables are .csv, .tsv, .txt or .parquet, but this is '{other}'."),
        };
    }

    private static RequestTable LoadCsv(string path)
    {
        CsvTable table = CsvTable.Read(path);
        return new RequestTable(path, [.. table.Columns], table.Rows);
    }

    private static async Task<RequestTable> LoadParquetAsync(string path)
    {
        try
        {
            await using FileStream stream = File.OpenRead(path);
            var table = await ParquetSerializer.DeserializeUntypedAsync(stream);
            string[] columns = [.. table.Schema.Fields.Select(f => f.Name)];
            return new RequestTable(path, [.. columns.Select(c => c.ToLowerInvariant())],
                table.Data.Select(row => columns.Select(c =>
                Convert.ToString(row.TryGetValue(c, out object? cell) ? cell : null, CultureInfo.InvariantCulture) ?? "").ToArray()));
        }
        catch (Exception e) when (e is not (LwgException or OutOfMemoryException))
        {
            // A damaged file can make the reader throw any exception, including IOException.
            throw new LwgException($"'{path}': the table cannot be read as Parquet: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private Request ToRequest(string[] cells, int row)
    {
        return new Request { Row = row, Id = Cell("id"), Source = Cell("source"), Keypoints = Cell("keypoints"), Motion = Cell("motion"),
            Frame = Cell("frame"), Reference = Cell("reference") };

        string Cell(string column)
        {
            int index = Columns.ToList().IndexOf(column);
            return index < 0 ? "" : cells[index].Trim();
        }
    }

    // An id becomes a file name, and on some systems file names that differ only in case are the same.
    private void CheckIds(string path)
    {
        var first = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (Request request in Rows)
        {
            if (request.Id.Length is 0 or > LongestId || request.Id.StartsWith('.')
                || !request.Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                throw new LwgException($"'{path}', row {request.Row}: the id is '{request.Id}'; 1 to {LongestId} letters, digits, '-', "
                    + $"'_' and '.' are allowed, the first not '.'.");
            if (!first.TryAdd(request.Id, request.Row))
                throw new LwgException($"'{path}', row {request.Row}: the id '{request.Id}' is already that of row {first[request.Id]}.");
        }
    }
}
