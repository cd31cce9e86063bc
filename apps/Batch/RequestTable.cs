using System.Globalization;
using System.Security.Cryptography;
using Parquet.Serialization;

namespace Lwg.MLNet.Batch;

/// <summary>
/// The table of requests: the columns id and source, then motion (and frame) or reference, and keypoints if it likes. CSV is read by
/// CsvHelper, Parquet by Parquet.Net. What is wrong with the table as a whole is an error; what is wrong with a row is that row's refusal.
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
            throw new LwgException($"'{path}': the table has a column '{unknown}', which is not known; its columns may be "
                + $"{string.Join(", ", s_columns)}.");
        if (columns.GroupBy(c => c).FirstOrDefault(c => c.Count() > 1)?.Key is { } twice)
            throw new LwgException($"'{path}': the table has the column '{twice}' twice.");
        Rows = [.. cells.Select((row, i) => ToRequest(row, i + 1))];
        CheckIds(path);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
    }

    public IReadOnlyList<Request> Rows { get; }

    /// <summary>The columns that the table has, in its order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Whether rows say where their person is; else the estimator finds out.</summary>
    public bool HasKeypoints => Columns.Contains("keypoints");

    /// <summary>The hash of the table's file.</summary>
    public string Sha256 { get; }

    /// <summary>Reads a table.</summary>
    /// <param name="path">The file, .csv (.tsv, .txt) or .parquet.</param>
    /// <exception cref="LwgException">It cannot be read, lacks a column, or two rows have one id.</exception>
    public static async Task<RequestTable> LoadAsync(string path)
    {
        if (!File.Exists(path))
            throw new LwgException($"'{path}': there is no such table.");
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
            // A damaged file may make the reader throw anything, an IOException too.
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

    // An id becomes a file's name, and on some systems such names differ by more than case only.
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
                throw new LwgException($"'{path}', row {request.Row}: the id '{request.Id}' is that of row {first[request.Id]} already.");
        }
    }
}
