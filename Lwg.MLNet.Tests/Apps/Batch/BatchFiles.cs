using System.Globalization;
using System.Text;
using Lwg.MLNet.Tests;

namespace Lwg.MLNet.Apps.Tests.Batch;

/// <summary>A folder of pictures and a table of requests, some of which are refused.</summary>
internal sealed class BatchFiles : IDisposable
{
    public const int Side = 128;

    private readonly TemporaryFolder _folder = new();

    public BatchFiles(int rowCount)
    {
        Directory.CreateDirectory(Pictures);
        foreach (string name in TestPeople.Names)
            File.WriteAllBytes(Path.Combine(Pictures, name + ".png"), TestPeople.Png(name, Side));
        File.WriteAllBytes(Path.Combine(Pictures, "half.png"), TestPeople.Png("anna", Side)[..4000]);
        Table = Write("requests.csv", [.. Enumerable.Range(0, rowCount).Select(i => RowOf(i, rowCount))]);
    }

    public string Root => _folder.Path;

    public string Pictures => Path.Combine(Root, "photos");

    public string Table { get; }

    /// <summary>The number of the table's rows that are refused.</summary>
    public int Refused => File.ReadAllLines(Table)
        .Count(line => line.Contains("half.png", StringComparison.Ordinal) || line.Contains("nobody", StringComparison.Ordinal)
        || line.Contains(",999,", StringComparison.Ordinal));

    /// <summary>Writes a table.</summary>
    public string Write(string name, string[] rows, string header = "id,source,motion,frame,reference") =>
        _folder.Write(name, Encoding.UTF8.GetBytes(string.Join('\n', rows.Prepend(header)) + "\n"));

    /// <summary>Returns the arguments of a quick run.</summary>
    public static string[] Run(string table, string pictures, string target, params string[] more) =>
        ["run", "--requests", table, "--pictures", pictures, "--out", target, "--size", "64", "--generator", "texture", .. more];

    public string[] Run(string target, params string[] more) => Run(Table, Pictures, Path.Combine(Root, target), more);

    public void Dispose() => _folder.Dispose();

    private static string RowOf(int i, int count)
    {
        string[] motions = ["walk", "wave", "squat", "turn", "dance"];
        string person = TestPeople.Names[TestPeople.Names.Count * i / count], other = TestPeople.Names[i % 3],
            id = i.ToString("r0000", CultureInfo.InvariantCulture);
        return (i % 12) switch
        {
            3 => $"{id},{person}.png,,,{other}.png",
            5 => $"{id},nobody.png,walk,1,",
            7 => $"{id},half.png,walk,1,",
            10 => $"{id},{person}.png,walk,999,",
            _ => string.Create(CultureInfo.InvariantCulture, $"{id},{person}.png,{motions[i % 5]},{i % 40},"),
        };
    }
}
