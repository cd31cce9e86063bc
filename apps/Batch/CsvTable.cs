using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Lwg.MLNet.Batch;

/// <summary>
/// A table of texts in a file, as editors and spreadsheets of all countries write it: in UTF-8 or UTF-16, with or without a byte order
/// mark, with quoted cells. Commas, semicolons, tabs or bars separate the cells; the header determines which. Empty rows are skipped.
/// </summary>
/// <param name="Columns">The columns' names, in lower case.</param>
/// <param name="Rows">The cells of each row, as many as there are columns.</param>
internal sealed record CsvTable(IReadOnlyList<string> Columns, IReadOnlyList<string[]> Rows)
{
    private const long LargestFile = 256 << 20;

    private static readonly char[] s_delimiters = [',', ';', '\t', '|'];

    /// <summary>Reads a table.</summary>
    /// <exception cref="LwgException">The file cannot be read, is too large, or is not a table.</exception>
    public static CsvTable Read(string path)
    {
        string text = Text(path);
        char? told = ToldDelimiter(ref text);
        if (text.Count(c => c == '"') % 2 != 0)
            throw new LwgException($"'{path}': a quoted cell of the table is not closed.");
        using var parser = new CsvParser(new StringReader(text),
            Configuration(told ?? DelimiterOf(text)) with { BadDataFound = bad =>
            throw new LwgException($"'{path}', line {bad.Context.Parser?.RawRow}: a quote is within a cell that does not begin with "
            + $"one.") });
        try
        {
            if (!parser.Read())
                throw new LwgException($"'{path}': the table is empty; its first line must contain the names of the columns.");
            string[] columns = [.. parser.Record!.Select(c => c.Trim().ToLowerInvariant())];
            // Spreadsheets write empty columns after the last one.
            Array.Resize(ref columns, Array.FindLastIndex(columns, c => c.Length > 0) + 1);
            var rows = new List<string[]>();
            while (parser.Read())
            {
                string[] cells = parser.Record!;
                int used = Array.FindLastIndex(cells, c => !string.IsNullOrWhiteSpace(c)) + 1;
                if (used == 0)
                    continue;
                if (used > columns.Length)
                    throw new LwgException($"'{path}', row {rows.Count + 1}: it has {used} cells, but the table has "
                        + $"{columns.Length} columns. Cells that contain the separator '{parser.Delimiter}' must be quoted.");
                rows.Add([.. Enumerable.Range(0, columns.Length).Select(i => i < cells.Length ? cells[i] : "")]);
            }
            return new CsvTable(columns, rows);
        }
        catch (CsvHelperException e)
        {
            throw new LwgException($"'{path}': the table cannot be read: "
                + $"{e.Message.ReplaceLineEndings(" ")[..Math.Min(e.Message.Length, 200)]}", e);
        }
    }

    /// <summary>Returns the rows with their cells in the given order of columns.</summary>
    /// <exception cref="FormatException">A column is missing.</exception>
    public IEnumerable<string[]> InOrder(IReadOnlyList<string> columns)
    {
        int[] places = [.. columns.Select(name => Columns.ToList().IndexOf(name.ToLowerInvariant()) is >= 0 and var place ? place
            : throw new FormatException($"It has no column '{name}'."))];
        return Rows.Select(row => (string[])[.. places.Select(place => row[place])]);
    }

    /// <summary>Writes a table atomically.</summary>
    public static void Write(string path, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows) =>
        AtomicFile.Write(path, stream =>
    {
        using var text = new StreamWriter(stream, leaveOpen: true);
        using var writer = new CsvWriter(text, Configuration(',') with { NewLine = "\n" });
        foreach (IReadOnlyList<string> row in rows.Prepend(columns))
        {
            foreach (string cell in row)
                writer.WriteField(cell);
            writer.NextRecord();
        }
    });

    private static CsvConfiguration Configuration(char delimiter) =>
        new(CultureInfo.InvariantCulture) { Delimiter = delimiter.ToString(), IgnoreBlankLines = true, TrimOptions = TrimOptions.Trim };

    // UTF-8 unless a byte order mark says otherwise. Other bytes are read as Latin-1, which spreadsheets in western countries write.
    private static string Text(string path)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(path).Length > LargestFile)
                throw new LwgException($"'{path}': the table has more than {LargestFile} bytes.");
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LwgException($"'{path}': the table cannot be read: {e.Message}", e);
        }
        try
        {
            return Decoded(bytes, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            return Decoded(bytes, Encoding.Latin1);
        }
    }

    private static string Decoded(byte[] bytes, Encoding encoding)
    {
        using var reader = new StreamReader(new MemoryStream(bytes), encoding, detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    // Excel's line "sep=;" before the header.
    private static char? ToldDelimiter(ref string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0 || text[..end].Trim('\r', ' ', '"') is not { Length: 5 } line
            || !line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            return null;
        text = text[(end + 1)..];
        return line[4];
    }

    private static char DelimiterOf(string text)
    {
        string header = text.Split('\n').FirstOrDefault(line => line.Trim().Length > 0) ?? "";
        bool quoted = false;
        int[] counts = new int[s_delimiters.Length];
        foreach (char c in header)
        {
            quoted ^= c == '"';
            if (!quoted && Array.IndexOf(s_delimiters, c) is >= 0 and var kind)
                counts[kind]++;
        }
        return s_delimiters[Array.IndexOf(counts, counts.Max())];
    }
}
