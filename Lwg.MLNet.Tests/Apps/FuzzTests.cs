using System.Text;
using System.Text.Json;
using Lwg.MLNet.Batch;
using Lwg.MLNet.Service;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Tests.Fuzzing;
using Microsoft.AspNetCore.Http;

namespace Lwg.MLNet.Apps.Tests;

/// <summary>Fuzzes the readers of the batch app and of the service with damaged files and forms; a tenth of the cases of the library's
/// readers.</summary>
[TestClass]
public class FuzzTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public void DamagedTablesAndFormsAreReadOrRefusedButNothingElseHappens()
    {
        using var folder = new TemporaryFolder();
        new FuzzRun(TestContext, [.. Tables(), .. Results(), .. Forms()]).Run(folder, share: 0.1);
    }

    // No Parquet: Parquet.Net does not terminate on some damaged files. The tables come from the user.
    private static IEnumerable<FuzzTarget> Tables()
    {
        byte[] csv = Encoding.UTF8.GetBytes(
            "id,source,motion,frame,reference\np1,anna.png,walk,7,\np2,ben.png,,,anna.png\n\"p3\",\"a, b.png\",dance,,\n");
        byte[] semicolons = [.. Encoding.Unicode.GetPreamble(),
            .. Encoding.Unicode.GetBytes("sep=;\r\nid;source;keypoints;motion;frame\r\np1;anna.png;1,5 2,5 "
            + "1;walk;7,0\r\n;;;;\r\n\"p2\";ben.png;;\"wave\";\r\n")];
        yield return new("wide.csv", 10, semicolons, p =>
            RequestTable.LoadAsync(p).GetAwaiter().GetResult().Rows.Count) { Refusals = [typeof(LwgException)], AllThreads = true };
        yield return new("requests.csv", 20, csv, p =>
            RequestTable.LoadAsync(p).GetAwaiter().GetResult().Rows.Count) { Refusals = [typeof(LwgException)], AllThreads = true };
    }

    private static IEnumerable<FuzzTarget> Results()
    {
        using var made = new TemporaryFolder();
        new BatchManifest { RequestsSha256 = new string('a', 64), Rows = 12, Settings = "settings", Shard = "1/4" }.Write(made.Path);
        byte[] manifest = File.ReadAllBytes(Path.Combine(made.Path, BatchManifest.Name));
        yield return new FuzzTarget(BatchManifest.Name, 5, manifest, p =>
            BatchManifest.Read(Path.GetDirectoryName(p)!).Parquet ? 1 : 0) { Refusals = [typeof(LwgException)] };
        byte[] journal = Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Range(0, 10)
            .Select(i => JsonSerializer.Serialize(
            new JournalEntry($"{i}", 5, new ResultRow { Row = i, Id = $"p{i}", Status = ResultRow.Refused })) + "\n")));
        yield return new FuzzTarget("journal.jsonl", 5, journal, p =>
        {
            using Journal read = Journal.Open(Path.GetDirectoryName(p)!);
            return read.Find("1") is null ? 0 : 1;
        })
        { ReadsAnything = true, Refusals = [typeof(LwgException)] };
    }

    private static IEnumerable<FuzzTarget> Forms()
    {
        byte[] picture = TestPeople.Png("anna", 64);
        byte[] form = [.. "--x\r\nContent-Disposition: form-data; name=picture; filename=a.png\r\nContent-Type: image/png\r\n\r\n"u8,
            .. picture, .. "\r\n--x\r\nContent-Disposition: form-data; name=motion\r\n\r\nwave"u8,
            .. "\r\n--x\r\nContent-Disposition: form-data; name=frame\r\n\r\n3\r\n--x--\r\n"u8];
        // A form has no name.
        yield return new FuzzTarget("form", 10, form, p =>
            ReadForm(File.ReadAllBytes(p))) { Refusals = [typeof(BadHttpRequestException)], Called = "", AllThreads = true };
        yield return new FuzzTarget("picture", 5, picture, p =>
        {
            using var photo = Photo.Decode(File.ReadAllBytes(p), "picture", 1 << 20, 256);
            return 1;
        })
        { Refusals = [typeof(ImageInputException)] };
    }

    private static long ReadForm(byte[] body)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = "multipart/form-data; boundary=x";
        context.Request.Body = new MemoryStream(body);
        return Upload.ReadAsync(context.Request, new ServiceOptions(), RequestKind.Imitate, CancellationToken.None).GetAwaiter()
            .GetResult().Count;
    }
}
