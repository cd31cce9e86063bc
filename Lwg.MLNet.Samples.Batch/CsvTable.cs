using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples.Batch;

/// <summary>Reads tables of texts by ML.NET's own loader, and writes what it reads.</summary>
internal static class CsvTable
{
    /// <summary>The rows of a table.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">The file; its first line has the columns' names.</param>
    /// <param name="columns">The columns, all of them, in the file's order.</param>
    /// <returns>The cells of each row, in the order of the columns.</returns>
    public static IEnumerable<string[]> Read(MLContext mlContext, string path, IReadOnlyList<string> columns)
    {
        IDataView data = mlContext.Data.LoadFromTextFile(path, new TextLoader.Options
        {
            Columns = [.. columns.Select((name, i) => new TextLoader.Column(name, DataKind.String, i))],
            HasHeader = true,
            Separators = [','],
            AllowQuoting = true,
        });
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        ValueGetter<ReadOnlyMemory<char>>[] getters = [.. data.Schema.Select(cursor.GetGetter<ReadOnlyMemory<char>>)];
        while (cursor.MoveNext())
            yield return [.. getters.Select(Cell)];

        static string Cell(ValueGetter<ReadOnlyMemory<char>> getter)
        {
            ReadOnlyMemory<char> text = default;
            getter(ref text);
            return text.ToString();
        }
    }

    /// <summary>Writes a table, whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        foreach (IReadOnlyList<string> row in rows.Prepend(columns))
            writer.WriteLine(string.Join(',', row.Select(Quoted)));
    });

    private static string Quoted(string cell) => cell.AsSpan().IndexOfAny(",\"\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
