using System.Globalization;
using System.Text;
using Lwg.MLNet.Batch;
using Lwg.MLNet.Tests;

namespace Lwg.MLNet.Apps.Tests.Batch;

/// <summary>Tests tables of requests as editors and spreadsheets write them.</summary>
[TestClass]
public class TableTests
{
    private const string Plain = "id,source,motion,frame\nr1,anna.png,wave,10\nr2,ben.png,walk,3\n";

    [TestMethod]
    [DataRow("commas", Plain)]
    [DataRow("semicolons", "id;source;motion;frame\nr1;anna.png;wave;10\nr2;ben.png;walk;3\n")]
    [DataRow("tabs", "id\tsource\tmotion\tframe\nr1\tanna.png\twave\t10\nr2\tben.png\twalk\t3\n")]
    [DataRow("bars", "id|source|motion|frame\nr1|anna.png|wave|10\nr2|ben.png|walk|3\n")]
    [DataRow("lines of Windows, none at the end", "id,source,motion,frame\r\nr1,anna.png,wave,10\r\nr2,ben.png,walk,3")]
    [DataRow("empty rows", "id,source,motion,frame\nr1,anna.png,wave,10\n\n,,,\nr2,ben.png,walk,3\n\n , ,,\n")]
    [DataRow("empty columns", "id,source,motion,frame,,\nr1,anna.png,wave,10,,\nr2,ben.png,walk,3,,\n")]
    [DataRow("quoted cells", "\"id\",\"source\",\"motion\",\"frame\"\n\"r1\",\"anna.png\",\"wave\",\"10\"\nr2, \"ben.png\" ,walk,3\n")]
    [DataRow("Excel's line", "sep=;\nid;source;motion;frame\nr1;anna.png;wave;10\nr2;ben.png;walk;3\n")]
    [DataRow("decimal commas", "id;source;motion;frame\nr1;anna.png;wave;10,0\nr2;ben.png;walk;3,00\n")]
    [DataRow("capital letters, spaces", " Id ; Source ;MOTION;Frame\nr1; anna.png ;wave;10\nr2;ben.png;walk;3\n")]
    public async Task EveryTableFormatIsRead(string name, string text)
    {
        foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode,
            Encoding.BigEndianUnicode])
            await IsPlainAsync([.. encoding.GetPreamble(), .. encoding.GetBytes(text)], $"{name}, {encoding.WebName}");
    }

    [TestMethod]
    public async Task NamesOfWesternSpreadsheetsAreRead()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("t.csv", Encoding.Latin1.GetBytes("id;source;motion\nr1;Jürgen Müller.png;wave\n"));
        Assert.AreEqual("Jürgen Müller.png", (await RequestTable.LoadAsync(path)).Rows[0].Source);
    }

    [TestMethod]
    [DataRow(" ", ".")]
    [DataRow(" ", ",")]
    [DataRow("  ", ".")]
    [DataRow(",", ".")]
    public async Task KeyPointsMayHaveDecimalCommas(string between, string point)
    {
        float[] numbers = [.. Enumerable.Range(0, 51).Select(i => i + 0.25f)];
        string cell = string.Join(between,
            numbers.Select(n => n.ToString(CultureInfo.InvariantCulture).Replace(".", point, StringComparison.Ordinal)));
        using var folder = new TemporaryFolder();
        string path = folder.Write("t.csv", Encoding.UTF8.GetBytes($"id;source;keypoints;motion\nr1;a.png;{cell};wave\n"));
        Assert.AreSequenceEqual(numbers, (await RequestTable.LoadAsync(path)).Rows[0].KeypointNumbers());
    }

    [TestMethod]
    [DataRow("", "the table is empty")]
    [DataRow("id,source,motion\nr1,\"anna.png,wave\n", "a quoted cell of the table is not closed")]
    [DataRow("id,source,motion\nr1,anna.png,wave,1\n", "row 1: it has 4 cells, but the table has 3 columns")]
    [DataRow("id,source,id\nr1,anna.png,wave\n", "the column 'id' twice")]
    [DataRow("id,source,motion\nr1,an\"na\".png,wave\n", "line 2: a quote is within a cell")]
    public async Task ErrorsAreReported(string text, string reason)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("t.csv", Encoding.UTF8.GetBytes(text));
        string message = (await Assert.ThrowsExactlyAsync<LwgException>(() => RequestTable.LoadAsync(path))).Message;
        StringAssert.Contains(message, reason);
        StringAssert.Contains(message, path);
    }

    [TestMethod]
    public void ResultsThatASpreadsheetWroteAgainAreRead()
    {
        using var folder = new TemporaryFolder();
        var row = new ResultRow { Row = 1, Id = "r1", Width = 5, SurfaceShown = 0.25, Acceptable = true,
            Message = "It says \"no\", and more; much more." };
        CsvTable.Write(Path.Combine(folder.Path, ResultTable.CsvName), ResultRow.Columns, [row.ToCells()]);
        Assert.AreEqual(row, ResultTable.Read(folder.Path).Single());
        string[] cells = [.. row.ToCells()
            .Select(c => $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"".Replace("0.25", "0,25", StringComparison.Ordinal))];
        folder.Write(ResultTable.CsvName,
            [.. Encoding.UTF8.GetPreamble(),
                .. Encoding.UTF8.GetBytes($"{string.Join(';', ResultRow.Columns)}\r\n{string.Join(';', cells)}\r\n;;\r\n")]);
        Assert.AreEqual(row, ResultTable.Read(folder.Path).Single());
    }

    private static async Task IsPlainAsync(byte[] bytes, string what)
    {
        using var folder = new TemporaryFolder();
        foreach (string file in (string[])["t.csv", "t.tsv"])
        {
            RequestTable table = await RequestTable.LoadAsync(folder.Write(file, bytes));
            Assert.AreEqual("id source motion frame", string.Join(' ', table.Columns), what);
            Assert.AreEqual("1 r1 anna.png wave 10; 2 r2 ben.png walk 3",
                string.Join("; ", table.Rows.Select(r => $"{r.Row} {r.Id} {r.Source} {r.Motion} {r.FrameNumber(40)}")), what);
        }
    }
}
