using System.IO.Compression;
using System.Reflection;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests truncated, changed and forged model files: the error names the entry. (ML.NET calls our loader by reflection and wraps
/// its error as an inner one.)</summary>
[TestClass]
public sealed class DamagedModelTests
{
    private const string StageEntry = "Stage.json";

    private static readonly Lazy<byte[]> s_model = new(Save);

    [TestMethod]
    public void AnEntryThatIsCutShortIsNamed()
    {
        foreach (string start in (string[])["Body-", StageEntry])
        {
            ModelFileException error = Refused(entry => entry.Name.StartsWith(start, StringComparison.Ordinal), bytes =>
                bytes[..(bytes.Length / 2)]);
            StringAssert.Contains(error.Message, start);
        }
    }

    [TestMethod]
    public void AnEmptyEntryIsNamed()
    {
        foreach (string start in (string[])["Body-", StageEntry])
            StringAssert.Contains(Refused(entry => entry.Name.StartsWith(start, StringComparison.Ordinal), _ => []).Message, start);
    }

    [TestMethod]
    public void AMissingBodyIsNamed() => StringAssert.Contains(Refused(IsBody, _ => null).Message, "missing");

    [TestMethod]
    public void AnotherBodyUnderTheSameNameIsRefused()
    {
        using var stream = new MemoryStream();
        Fixture.Body.Save(stream);
        ModelFileException error = Refused(IsBody, _ => stream.ToArray());
        StringAssert.Contains(error.Message, "the file was changed");
        StringAssert.Contains(error.Message, "Body-");
    }

    [TestMethod]
    [DataRow("\"Stage\": \"PoseBody\"", "\"Stage\": \"FormatDisk\"", "no stage 'FormatDisk'")]
    [DataRow("\"Version\": 1", "\"Version\": 2, \"Novelty\": {}",
        "stage 'PoseBody' was saved in version 2, and version 1 is the newest that Lwg.MLNet.Transforms")]
    [DataRow("\"Version\": 1", "\"Version\": -1", "versions are 0 to 1")]
    [DataRow("\"ImageSize\": 32", "\"ImageSize\": 1000000000", "32 to 2048")]
    [DataRow("\"ImageSize\": 32", "\"ImageSize\": -1", "32 to 2048")]
    [DataRow("\"ImageSize\": 32", "\"ImageSize\": \"big\"", "not in the format of this version")]
    [DataRow("\"ImageSize\": 32", "\"Surprise\": 32", "Surprise")]
    [DataRow("\"Body\": \"", "\"Body\": \"../", "64 hexadecimal digits")]
    public void AChangedStateIsRefused(string from, string to, string says)
    {
        ModelFileException error = Refused(entry => entry.Name == StageEntry, bytes =>
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(from, to, StringComparison.Ordinal)));
        StringAssert.Contains(error.Message, says);
        StringAssert.Contains(error.Message, from.StartsWith("\"Body\"", StringComparison.Ordinal) ? "Body-" : StageEntry);
    }

    [TestMethod]
    public void AStateOfAbsurdSizeIsRefused() =>
        StringAssert.Contains(Refused(entry => entry.Name == StageEntry, _ => new byte[(1 << 20) + 1]).Message, "at most 1048576");

    [TestMethod]
    public void AnArrayOfAbsurdSizeIsRefused()
    {
        // The body's template claims two billion vertices.
        ModelFileException error = Refused(IsBody, bytes => Edit(bytes, entry => entry.Name == "v_template.npy", array =>
        {
            string text = Encoding.Latin1.GetString(array), shape = $"({Fixture.Body.VertexCount}, 3), }}";
            return Encoding.Latin1.GetBytes(text.Replace(shape.PadRight(18), "(2000000000, 3), }", StringComparison.Ordinal));
        }));
        StringAssert.Contains(error.Message, "v_template");
    }

    [TestMethod]
    public void TheUndamagedModelLoads() => Assert.IsNotNull(Load(s_model.Value));

    [TestMethod]
    public void AModelThatCannotBeWrittenLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        string taken = Directory.CreateDirectory(Path.Combine(folder.Path, "model.zip")).FullName;
        try
        {
            AtomicFile.Write(taken, stream => stream.Write(s_model.Value));
            Assert.Fail("A folder was overwritten.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CollectionAssert.AreEqual((string[])[taken], Directory.GetFileSystemEntries(folder.Path));
        }
    }

    private static bool IsBody(ZipArchiveEntry entry) => entry.Name.StartsWith("Body-", StringComparison.Ordinal);

    private static byte[] Save()
    {
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable([new Row()]);
        ITransformer model = context.Transforms.PoseBody(body: Fixture.SurfacedBody)
            .Append(context.Transforms.RenderBodyMesh(imageSize: 32, body: Fixture.SurfacedBody)).Fit(data);
        using var stream = new MemoryStream();
        context.Model.Save(model, data.Schema, stream);
        return stream.ToArray();
    }

    private static ITransformer Load(byte[] model)
    {
        using var stream = new MemoryStream(model);
        return new MLContext(seed: 1).Model.Load(stream, out _);
    }

    private static ModelFileException Refused(Predicate<ZipArchiveEntry> which, Func<byte[], byte[]?> damage)
    {
        byte[] damaged = Edit(s_model.Value, which, damage);
        Exception error = Assert.Throws<Exception>(() => Load(damaged));
        while (error is TargetInvocationException)
            error = error.InnerException!;
        return error as ModelFileException ?? throw new AssertFailedException($"A ModelFileException is right, but this came: {error}");
    }

    /// <summary>Changes the content of some entries of the archive; null removes the entry.</summary>
    private static byte[] Edit(byte[] archive, Predicate<ZipArchiveEntry> which, Func<byte[], byte[]?> damage)
    {
        using var stream = new MemoryStream();
        stream.Write(archive);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            ZipArchiveEntry[] entries = [.. zip.Entries.Where(e => which(e))];
            Assert.AreNotEqual(0, entries.Length, "There is something to damage.");
            foreach (ZipArchiveEntry entry in entries)
            {
                using var before = new MemoryStream();
                using (Stream content = entry.Open())
                    content.CopyTo(before);
                string name = entry.FullName;
                entry.Delete();
                if (damage(before.ToArray()) is not { } after)
                    continue;
                using Stream changed = zip.CreateEntry(name).Open();
                changed.Write(after);
            }
        }
        return stream.ToArray();
    }

    private sealed class Row
    {
        [VectorType(85)]
        public float[] Smpl { get; set; } = [];
    }
}
