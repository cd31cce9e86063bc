using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Tests.Generation;
using Lwg.MLNet.Tests.ModelHost;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests untrusted saved models: the data that ML.NET would trust is checked first, and valid models load as in
/// ML.NET.</summary>
[TestClass]
public sealed class PersonTransferTests
{
    private const string Chain = "TransformerChain/Model.key", Copy = "TransformerChain/Transform_002/Model.key";

    private const int Count = 0x100;

    private static readonly Lazy<byte[]> s_model = new(Save);

    private static readonly MLContext s_context = new(seed: 1);

    [TestMethod]
    public void AllowedModelsLoadAndGiveTheSameResult()
    {
        IDataView data = Data();
        using var stream = new MemoryStream(s_model.Value);
        ITransformer expected = s_context.Model.Load(stream, out DataViewSchema expectedSchema),
            loaded = PersonTransfer.LoadModel(s_context, stream, out DataViewSchema? schema);
        CollectionAssert.AreEqual(expectedSchema.Select(c => $"{c.Name} {c.Type}").ToArray(), schema!.Select(c => $"{c.Name} {c.Type}")
            .ToArray());
        CollectionAssert.AreEqual(RowHash.OfRows(expected.Transform(data)), RowHash.OfRows(loaded.Transform(data)));
        using var folder = new TemporaryFolder();
        Assert.IsNotNull(PersonTransfer.LoadModel(s_context, folder.Write("model.zip", s_model.Value), out _));
    }

    [TestMethod]
    public void AModelWithoutSchemaLoads()
    {
        using var stream = new MemoryStream();
        s_context.Model.Save(s_context.Transforms.PoseBody(body: Fixture.SurfacedBody).Fit(Data()), null, stream);
        Assert.IsNotNull(PersonTransfer.LoadModel(s_context, stream, out DataViewSchema? schema));
        Assert.IsNull(schema);
    }

    [TestMethod]
    public void AnnotationsOfColumnsAreAllowed()
    {
        IDataView posed = s_context.Transforms.PoseBody(body: Fixture.SurfacedBody).Fit(Data()).Transform(Data());
        Assert.IsTrue(posed.Schema.Any(c => c.Annotations.Schema.Any(a => a.Name == ColumnAnnotations.BodyHash)));
        using var stream = new MemoryStream();
        s_context.Model.Save(s_context.Transforms.RenderBodyMesh(imageSize: 32, body: Fixture.SurfacedBody).Fit(posed), posed.Schema,
            stream);
        Assert.IsNotNull(PersonTransfer.LoadModel(s_context, stream, out DataViewSchema? schema));
        ReadOnlyMemory<char> hash = default;
        schema!.First(c => c.Annotations.Schema.Any(a => a.Name == ColumnAnnotations.BodyHash)).Annotations.GetValue(
            ColumnAnnotations.BodyHash, ref hash);
        Assert.AreEqual(Fixture.SurfacedBody.Hash, hash.ToString());
    }

    [TestMethod]
    public void AGeneratorsChainLoads()
    {
        using var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(Fixture.SurfacedBody.Hash)));
        IDataView data = s_context.Data.LoadFromEnumerable(Array.Empty<PersonRow>());
        ITransformer model = s_context.Transforms.ImitateMotion(generator,
            new ImitateMotionOptions { ImageSize = 64, Strategy = Lwg.MLNet.Body.CameraStrategy.Source, FrontWarp = FrontWarpMode.None },
            Fixture.SurfacedBody).Fit(data);
        using var stream = new MemoryStream();
        s_context.Model.Save(model, data.Schema, stream);
        Assert.AreEqual(string.Join(" ", model.GetOutputSchema(data.Schema)),
            string.Join(" ", PersonTransfer.LoadModel(s_context, stream, out _).GetOutputSchema(data.Schema)));
    }

    [TestMethod]
    [DataRow("/tmp/evil")]
    [DataRow("System.Private.CoreLib")]
    [DataRow("Microsoft.ML.Data, Version=1.0.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51, ProcessorArchitecture=MSIL")]
    [DataRow("Microsoft.ML.StandardTrainers, Version=1.0.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51")]
    public void AnotherAssemblyIsRefusedBeforeItIsLoaded(string assembly)
    {
        string[] before = Loaded();
        ModelFileException error = Refused(Chain, bytes => WithAssembly(bytes, assembly));
        StringAssert.Contains(error.Message, Chain);
        StringAssert.Contains(error.Message, $"it names the assembly '{assembly}'; 'TransformerChain' is in Microsoft.ML.Data.");
        error = Refused("TransformerChain/Transform_000/Model.key", bytes => WithAssembly(bytes, assembly));
        StringAssert.Contains(error.Message, "is in Lwg.MLNet.Transforms");
        CollectionAssert.AreEquivalent(before, Loaded());
    }

    [TestMethod]
    [DataRow("OnnxTransform")]
    [DataRow("ImageLoaderTransform")]
    [DataRow("")]
    public void OtherTransformersAreRefusedByName(string loader)
    {
        ModelFileException error = Refused(Copy, bytes => Write(bytes, 0x50, Encoding.ASCII.GetBytes(loader.PadRight(24, '\0'))));
        StringAssert.Contains(error.Message, Copy);
        StringAssert.Contains(error.Message,
            $"'{loader}' is not allowed; allowed are LwgStage, TransformerChain, CopyTransform, ConcatTransform, SelectColumnsTransform");
        StringAssert.Contains(Refused(Copy, bytes => Write(bytes, 0x68, "OnnxTransform"u8.ToArray())).Message,
            "second name 'OnnxTransform'");
    }

    [TestMethod]
    public void AModelThatMLNetSavedOfOtherTransformersIsRefusedByName()
    {
        using var stream = new MemoryStream();
        s_context.Model.Save(s_context.Transforms.NormalizeMinMax("Smpl").Fit(Data()), Data().Schema, stream);
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => PersonTransfer.LoadModel(s_context, stream, out _)).Message,
            "'Normalizer' is not allowed");
    }

    [TestMethod]
    [DataRow(Chain, 0, "its counts make 4294967296 bytes, but it has")]
    [DataRow(Copy, 0, "its counts make 4294967292 bytes, but it has 12")]
    [DataRow("TransformerChain/Transform_003/Model.key", 0, "its counts make more bytes than it has")]
    [DataRow("TransformerChain/Transform_003/Model.key", 8, "its counts make")]
    [DataRow("TransformerChain/Transform_004/Model.key", 3, "its counts make")]
    public void CountsAreChecked(string entry, int at, string says)
    {
        // ML.NET allocates two arrays of the chain's count: 12 GB.
        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = entry == Chain ? (1 << 30) - 1 : entry == Copy ? 536_870_911 : int.MaxValue;
        ModelFileException error = Refused(entry, bytes => Write(bytes, Count + at, BitConverter.GetBytes(count)));
        Assert.IsLessThan(64 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        StringAssert.Contains(error.Message, entry);
        StringAssert.Contains(error.Message, says);
        StringAssert.Contains(Refused(entry, bytes => Write(bytes, Count + at, BitConverter.GetBytes(-1))).Message,
            "a count is missing or negative");
    }

    [TestMethod]
    public void NumbersOfTheHeaderStayWithinIt()
    {
        foreach ((int at, string says) in new[] { (0x00, "not the header"), (0x10, "do not follow its header"), (0x18, "beyond its end"),
            (0x28, "strings must not extend beyond"), (0x38, "strings must not extend beyond"), (0x80, "does not end"),
            (0x88, "does not end"), (0x90, "name must not extend beyond") })
            StringAssert.Contains(Refused(Copy, bytes => Write(bytes, at, BitConverter.GetBytes(1L << 40))).Message, says, $"{at:x}");
        StringAssert.Contains(Refused(Copy, bytes => bytes[..100]).Message, "not the header");
        StringAssert.Contains(Refused(Copy, bytes => Write(bytes, 0x48, [2])).Message, "its format has version 10002; 10001 is read");
        StringAssert.Contains(Refused(Copy, _ => null).Message, "it is missing");
    }

    [TestMethod]
    [DataRow(0x28, 1L, "it claims 1 rows")]
    [DataRow(0x30, 0x7FFFFFFFL, "it claims 2147483647 columns")]
    [DataRow(0x18, 1L << 40, "is outside the schema")]
    [DataRow(0x20, 1L << 40, "is outside the schema")]
    [DataRow(0x00, 0L, "not ML.NET's schema")]
    public void TheNumbersOfTheSchemaAreChecked(int at, long value, string says) =>
        StringAssert.Contains(Refused("Schema", bytes => Write(bytes, at, BitConverter.GetBytes(value))).Message,
        $"entry 'Schema': {(says.StartsWith("it ", StringComparison.Ordinal) ? says : "")}");

    [TestMethod]
    public void TheTypesOfTheSchemaAreChecked()
    {
        int Of(byte[] bytes, string name) => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(name));
        // VBuffer, its length, Single, its length, the number of dimensions, the first of them.
        StringAssert.Contains(Refused("Schema", b => Write(b, Of(b, "Single") + 7, BitConverter.GetBytes(int.MaxValue))).Message,
            "claims 2147483647 dimensions");
        StringAssert.Contains(Refused("Schema", b => Write(b, Of(b, "Single") + 11, BitConverter.GetBytes(int.MaxValue))).Message,
            "a vector of more than");
        StringAssert.Contains(Refused("Schema", b => Write(b, Of(b, "Single"), "Strong"u8.ToArray())).Message,
            "of type 'Strong', which is not allowed");
        StringAssert.Contains(Refused("Schema", b => b[..(b.Length / 2)]).Message, "'Schema'");
    }

    [TestMethod]
    public void EntriesThatAModelDoesNotHaveAreRefused()
    {
        foreach (string name in (string[])["Model.key", "TransformerChain/Model.bin", "TransformerChain/Transform_000/Model.bin",
            "DataLoaderModel/Model.key", "Predictor/Model.key", "LwgShared/evil.dll", "TransformerChain/Transform_009/Model.key"])
            StringAssert.Contains(RefusedWith(name, [1]).Message, $"entry '{name}': a model of these stages has no such entry");
        foreach (string name in (string[])["../evil", "a/../b", "/etc/passwd", "C:/x", "a//b", "a\0b", new string('a', 300)])
            StringAssert.Contains(RefusedWith(name, [1]).Message, "name is not one that a model has");
        StringAssert.Contains(RefusedWith("Schema", [1]).Message, "two entries of this name");
        StringAssert.Contains(RefusedWith("TransformerChain\\Model.key", [1]).Message, "two entries of this name");
        StringAssert.Contains(RefusedWith("big", new byte[8 << 20]).Message, "it claims 8388608 bytes out of");
    }

    [TestMethod]
    public void TheDirectoryOfTheZipIsLimited()
    {
        byte[] model = s_model.Value;
        int end = model.Length - 22;
        foreach ((byte[] bad, string says) in new[]
        {
            (Write([.. model], end + 10, BitConverter.GetBytes((ushort)60_000)), "claims 60000 entries"),
            (Write([.. model], end + 12, BitConverter.GetBytes(100)), "not at its end"),
            (model[..100], "no end"), ([], "no end"), (Encoding.ASCII.GetBytes(new string('x', 100_000)), "no end"),
        })
        {
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
                PersonTransfer.LoadModel(s_context, new MemoryStream(bad), out _)).Message, says);
        }
    }

    [TestMethod]
    public void InvalidFilesAreNamed()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
            PersonTransfer.LoadModel(s_context, Path.Combine(folder.Path, "none.zip"), out _)).Message, "none.zip");
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
            PersonTransfer.LoadModel(s_context, folder.Write("empty.zip", []), out _)).Message, "empty or not a regular file");
        using var squeezed = new DeflateStream(new MemoryStream(), CompressionMode.Compress);
        Assert.ThrowsExactly<ArgumentException>(() => PersonTransfer.LoadModel(s_context, squeezed, out _));
    }

    [TestMethod]
    public void TheErrorOfAStageIsPassedOn()
    {
        ModelFileException error = Refused("TransformerChain/Transform_000/Stage.json", bytes =>
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("\"PoseBody\"", "\"FormatDisk\"", StringComparison.Ordinal)));
        StringAssert.Contains(error.Message, "no stage 'FormatDisk'");
    }

    [TestMethod]
    public void AChangedByteCausesNoOtherError()
    {
        // Headers, counts, names and schema as stored in the zip: changes each byte once.
        var random = new Random(5);
        foreach (string entry in (string[])[Chain, Copy, "TransformerChain/Transform_003/Model.key",
            "TransformerChain/Transform_004/Model.key", "Schema"])
        {
            byte[] content = Content(entry);
            for (int i = 0; i < content.Length; i += 1 + random.Next(24))
            {
                byte[] changed = Edited(entry, bytes => Write(bytes, i, [(byte)random.Next(256)]));
                try
                {
                    PersonTransfer.LoadModel(s_context, new MemoryStream(changed), out _);
                }
                catch (LwgException)
                {
                }
            }
        }
    }

    private static byte[] Save()
    {
        IDataView data = Data();
        ITransformer model = s_context.Transforms.PoseBody(body: Fixture.SurfacedBody)
            .Append(s_context.Transforms.RenderBodyMesh(imageSize: 32, body: Fixture.SurfacedBody))
            .Append(s_context.Transforms.CopyColumns("Again", "Smpl"))
            .Append(s_context.Transforms.Concatenate("Both", "Smpl", "Again"))
            .Append(s_context.Transforms.DropColumns("Again"))
            .Fit(data);
        using var stream = new MemoryStream();
        s_context.Model.Save(model, data.Schema, stream);
        return stream.ToArray();
    }

    private static IDataView Data() => s_context.Data.LoadFromEnumerable(new[] { 1, 2 }.Select(i => new Row { Smpl = TestBody.Smpl(i) }));

    private static string[] Loaded() =>
        [.. AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name!)
            .Where(n => n.Contains("evil", StringComparison.Ordinal) || n.StartsWith("Microsoft.ML.Standard", StringComparison.Ordinal))];

    /// <summary>Creates a header with another assembly's name and correct offsets.</summary>
    private static byte[] WithAssembly(byte[] bytes, string assembly)
    {
        int at = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(0x90));
        byte[] name = Encoding.Unicode.GetBytes(assembly), changed = [.. bytes[..at], .. name, .. bytes[^8..]];
        Write(changed, 0x98, BitConverter.GetBytes(name.Length));
        Write(changed, 0x80, BitConverter.GetBytes((long)(changed.Length - 8)));
        return Write(changed, 0x88, BitConverter.GetBytes((long)changed.Length));
    }

    private static byte[] Write(byte[] bytes, int at, byte[] value)
    {
        value.CopyTo(bytes, at);
        return bytes;
    }

    private static ModelFileException Refused(string entry, Func<byte[], byte[]?> change) => RefusedModel(Edited(entry, change));

    private static ModelFileException RefusedWith(string name, byte[] content)
    {
        using var stream = new MemoryStream();
        stream.Write(s_model.Value);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            using Stream to = zip.CreateEntry(name).Open();
            to.Write(content);
        }
        return RefusedModel(stream.ToArray());
    }

    private static ModelFileException RefusedModel(byte[] model)
    {
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() =>
            PersonTransfer.LoadModel(s_context, new MemoryStream(model), out _));
        StringAssert.Contains(error.Message, "saved model");
        return error;
    }

    private static byte[] Content(string entry)
    {
        using var zip = new ZipArchive(new MemoryStream(s_model.Value));
        using var content = new MemoryStream();
        using Stream from = zip.GetEntry(entry)!.Open();
        from.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] Edited(string entry, Func<byte[], byte[]?> change)
    {
        using var stream = new MemoryStream();
        stream.Write(s_model.Value);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            byte[]? changed = change(Content(entry));
            zip.GetEntry(entry)!.Delete();
            if (changed is not null)
            {
                using Stream to = zip.CreateEntry(entry).Open();
                to.Write(changed);
            }
        }
        return stream.ToArray();
    }

    private sealed class Row
    {
        [VectorType(85)]
        public float[] Smpl { get; set; } = [];
    }

    private sealed class PersonRow
    {
        [VectorType(85)]
        public float[] SourceSmpl { get; set; } = [];

        [VectorType(85)]
        public float[] ReferenceSmpl { get; set; } = [];

        [ImageType(64, 64)]
        public MLImage SourceImage { get; set; } = null!;
    }
}
