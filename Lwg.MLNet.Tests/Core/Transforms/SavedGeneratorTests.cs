using System.IO.Compression;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Generation;
using Lwg.MLNet.Tests.ModelHost;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests learned generators in pipelines: the estimator check, the content of saved models, and ownership.</summary>
[TestClass]
public sealed class SavedGeneratorTests
{
    private const int S = TestBody.Size;

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(BackgroundComposition.WholePicture)]
    [DataRow(BackgroundComposition.RefinedFill)]
    public void ImitateMotion(BackgroundComposition background)
    {
        using var generator = new LiquidWarpingGenerator(
            TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash, background: background)));
        EstimatorCheck<Row, Generated>.Run(_context, Chain(generator, TestBody.Body), [.. Rows], ("SourceSmpl", [85]),
            ("ReferenceSmpl", [85]));
    }

    [TestMethod]
    public void ImitateMotionQuantized()
    {
        using var calibration = new GeneratorCalibration(
            TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash, new GeneratorShape { Width = 4, Blocks = 2 })));
        foreach (MLImage picture in Chain(calibration.Generator, TestBody.Body).Fit(Data()).Transform(Data())
            .GetColumn<MLImage>("TargetImage"))
            picture.Dispose();
        using var generator = new LiquidWarpingGenerator(calibration.ToPackage(),
            new NetworkRuntimeOptions { Precision = NetworkPrecision.Quantized });
        EstimatorCheck<Row, Generated>.Run(_context, Chain(generator, TestBody.Body), [.. Rows], ("SourceSmpl", [85]),
            ("ReferenceSmpl", [85]));
        // The generator is also quantized after loading.
        ITransformer loaded = PersonTransfer.LoadModel(_context, Save(Chain(generator, TestBody.Body).Fit(Data())), out _);
        while (loaded is TransformerChain<ITransformer> chain)
            loaded = chain.LastTransformer;
        Assert.AreEqual(generator.Runtime, ((LiquidWarpingGenerator)((GenerateTransferTransformer)loaded).Generator).Runtime);
    }

    [TestMethod]
    public void ImitateMotionSharp()
    {
        using var generator = new LiquidWarpingGenerator(
            TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash) with { ImageSize = 32 }));
        IEstimator<ITransformer> chain = _context.Transforms.ImitateMotion(
            generator, new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Strategy = CameraStrategy.Source,
            WithLayers = true }, TestBody.Body);
        EstimatorCheck<Row, Generated>.Run(_context, chain, [.. Rows], ("SourceSmpl", [85]), ("ReferenceSmpl", [85]));
    }

    [TestMethod]
    public void SharpIsTheDefaultWhereNothingExcludesIt()
    {
        using var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash)));
        Type Chosen(ImitateMotionOptions options) => options.Choose(generator, TestBody.Body).GetType();
        Assert.AreEqual(typeof(SharpGenerator), Chosen(new ImitateMotionOptions()));
        Assert.AreEqual(typeof(SharpGenerator), Chosen(new ImitateMotionOptions { Sharp = true, FrontWarp = FrontWarpMode.None }));
        foreach (ImitateMotionOptions own in (ImitateMotionOptions[])[new() { Sharp = false }, new() { OnlyVisible = true },
            new() { BackgroundKernel = 5 }, new() { AlignCorners = false }, new() { FrontWarp = FrontWarpMode.None }])
            Assert.AreEqual(typeof(LiquidWarpingGenerator), Chosen(own));
        Assert.ThrowsExactly<ArgumentException>(() => Chosen(new ImitateMotionOptions { Sharp = true, OnlyVisible = true }));
        Assert.IsInstanceOfType<TextureWarpGenerator>(
            new ImitateMotionOptions { Sharp = true }.Choose(new TextureWarpGenerator(TestBody.Body), TestBody.Body));
    }

    [TestMethod]
    public void TheStageAlone()
    {
        using var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash)));
        IDataView frames = Chain(generator, TestBody.Body).Fit(Data()).Transform(Data());
        InputRow[] rows = [.. _context.Data.CreateEnumerable<InputRow>(frames, reuseRowObject: false, ignoreMissingColumns: true)];
        EstimatorCheck<InputRow, Generated>.Run(_context,
            _context.Transforms.GenerateTransfer(generator,
            new GenerateTransferOptions { WithLayers = true, FrontWarp = FrontWarpMode.None }),
            rows, ("SourceBackgroundInput", [4, S, S]), ("SourceForegroundInput", [6, S, S]), ("TargetTransferInput", [6, S, S]),
            ("T", [S, S, 2]));
    }

    [TestMethod]
    public void TheChainSamplesAndErodesAsTheGeneratorLearned()
    {
        // With a fixed alignCorners = true, this generator would be refused.
        using var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash)));
        Assert.IsFalse(generator.AlignCorners);
        float[] Hole(int? kernel, TransferGenerator g) => _context.Transforms.ImitateMotion(
            g, new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Strategy = CameraStrategy.Source,
            BackgroundKernel = kernel, Sharp = false }, TestBody.Body).Fit(Data()).Transform(Data())
            .GetColumn<float[]>("SourceBackgroundInput").First();
        CollectionAssert.AreEqual(Hole(5, generator), Hole(null, generator));
        CollectionAssert.AreNotEqual(Hole(13, generator), Hole(null, generator));
        CollectionAssert.AreEqual(Hole(13, new TextureWarpGenerator(TestBody.Body)), Hole(null, new TextureWarpGenerator(TestBody.Body)));
    }

    [TestMethod]
    public void StagesShareOneNetworkAndEnginesDoNotEndIt()
    {
        using var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash)));
        ITransformer model = Chain(generator, TestBody.Body).Append(_context.Transforms.GenerateTransfer(
            generator, new GenerateTransferOptions { OutputPrefix = "Second", FrontWarp = FrontWarpMode.None })).Fit(Data());
        using MemoryStream stream = Save(model);
        Assert.AreEqual(1, Entries(stream).Count(e => e.StartsWith("Network-", StringComparison.Ordinal)));
        ITransformer loaded = PersonTransfer.LoadModel(_context, stream, out _);
        Assert.AreEqual(Hash(model), Hash(loaded));

        // The engines do not own the transformer, so each can be disposed before the other.
        var options = new PredictionEngineOptions { OwnsTransformer = true };
        PredictionEngine<Row, Generated> first = _context.Model.CreatePredictionEngine<Row, Generated>(loaded, options),
            second = _context.Model.CreatePredictionEngine<Row, Generated>(loaded, options);
        Row row = Rows.First();
        string expected = RowHash.OfObject(first.Predict(row));
        first.Dispose();
        Assert.AreEqual(expected, RowHash.OfObject(second.Predict(row)));
        second.Dispose();
        Assert.AreEqual(Hash(model), Hash(loaded));
        generator.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => Hash(model), "The maker has let go of the network.");
        Assert.AreEqual(Hash(loaded), Hash(loaded), "The loaded model has its own.");
    }

    [TestMethod]
    public void OwnWeightsAreSavedSilentlyAndOthersAreNot()
    {
        BodyModel own = BodyModel.Default;
        Assert.IsEmpty(Warnings(own, redistributable: true, out string state));
        StringAssert.Contains(state, "\"Licensed\": []");

        IReadOnlyList<string> warnings = Warnings(own, redistributable: false, out state);
        Assert.HasCount(1, warnings, "One stage contains the weights.");
        StringAssert.Contains(warnings[0], "must not be redistributed freely");
        StringAssert.Contains(warnings[0], "(none)");
        StringAssert.Contains(state, "in this file");

        // Any body other than ours is assumed to have an owner.
        warnings = Warnings(TestBody.Body, redistributable: true, out _);
        Assert.IsTrue(warnings.Count > 0 && warnings.All(w => w.Contains("body '", StringComparison.Ordinal)), string.Join("\n", warnings));
    }

    [TestMethod]
    public void ReferencesAreLookedUp()
    {
        using var folder = new TemporaryFolder();
        string models = Path.Combine(folder.Path, "models"), file = Path.Combine(Directory.CreateDirectory(models).FullName, "person.npz");
        TestBody.Body.Save(file);
        BodyModel body = BodyModel.Load(file).ByReference();
        ModelPackage package = TinyGenerator.Package(TinyGenerator.Manifest(body.Hash) with { Redistributable = false });
        package.SaveFolder(Path.Combine(models, "generator"));
        using var generator = new LiquidWarpingGenerator(package.ByReference());
        ITransformer model = Chain(generator, body).Fit(Data());
        using MemoryStream stream = Save(model);
        Assert.IsFalse(Entries(stream).Exists(e =>
            e.StartsWith("Network-", StringComparison.Ordinal) || e.StartsWith("Body-", StringComparison.Ordinal)));
        Assert.IsLessThan(100_000, stream.Length);

        string message = Reason(() => PersonTransfer.LoadModel(_context, stream, out _)).Message;
        StringAssert.Contains(message, "person.npz");
        StringAssert.Contains(message, body.Hash);
        StringAssert.Contains(message, "LWG_MODELS");

        ModelReferences.AddFolder(models);
        stream.Position = 0;
        ITransformer loaded = PersonTransfer.LoadModel(_context, stream, out _);
        Assert.AreEqual(Hash(model), Hash(loaded));
        using MemoryStream again = Save(loaded);
        Assert.IsFalse(Entries(again).Exists(e => e.StartsWith("Network-", StringComparison.Ordinal)), "What came by reference stays one.");

        // Another model in the same place does not replace it.
        Directory.Delete(Path.Combine(models, "generator"), recursive: true);
        TinyGenerator.Package(TinyGenerator.Manifest(body.Hash) with { Notes = "another" }).SaveFolder(Path.Combine(models, "generator"));
        stream.Position = 0;
        StringAssert.Contains(Reason(() => PersonTransfer.LoadModel(_context, stream, out _)).Message, package.Hash);
    }

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(false, false)]
    public void AReferenceIsFoundAsSmplsPickleAndItsMapper(bool front, bool head)
    {
        // Saved by reference to one file with everything; the loading side has the published files, under other names and in several
        // folders.
        using var folder = new TemporaryFolder();
        string FileOf(string name) => Fixture.PathOf("maps/" + name);
        string pickle = Fixture.PathOf("body/neutral_smpl_with_cocoplus_reg.pkl");
        BodyModel bare = BodyModel.Load(pickle),
            body = bare.WithSurfaceFiles(FileOf("mapper.txt"), front ? FileOf("front_facial.json") : null, head ? FileOf("head.json")
            : null);
        ITransformer model = _context.Transforms.PoseBody("Source", body: body.ByReference()).Fit(Data());
        using MemoryStream stream = Save(model);
        string[] models = [.. new[] { "smpl", "tables", "another" }.Select(n =>
            Directory.CreateDirectory(Path.Combine(folder.Path, "models", n)).FullName)];
        ModelReferences.AddFolder(Path.Combine(folder.Path, "models"));
        Missing("nothing is there");

        File.Copy(pickle, Path.Combine(models[0], "model.pkl"));
        File.WriteAllText(Path.Combine(models[0], "torn.pkl"), "no pickle");
        File.WriteAllText(Path.Combine(models[0], "letter.txt"), "no body");
        Missing("a body without texture coordinates is another");
        // Another body's mapper: one face less.
        File.WriteAllLines(Path.Combine(models[2], "mapper.txt"), File.ReadLines(FileOf("mapper.txt")).SkipLast(1));
        Missing("another body's mapper does not match");

        foreach (string name in (string[])["mapper.txt", "front_facial.json", "head.json"])
            File.Copy(FileOf(name), Path.Combine(models[1], name));
        stream.Position = 0;
        ITransformer loaded = PersonTransfer.LoadModel(_context, stream, out _);
        var found = ((PoseBodyTransformer)loaded).Body!;
        Assert.AreEqual(body.Hash, found.Hash);
        Assert.IsTrue(found.StoredByReference);
        Assert.AreEqual("model.pkl", Path.GetFileName(found.Source));

        void Missing(string why)
        {
            stream.Position = 0;
            StringAssert.Contains(Reason(() => PersonTransfer.LoadModel(_context, stream, out _)).Message, body.Hash, why);
        }
    }

    [TestMethod]
    public void ADamagedNetworkInASavedModelIsNamed()
    {
        using var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash)));
        using MemoryStream stream = Save(Chain(generator, TestBody.Body).Fit(Data()));
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            ZipArchiveEntry entry = zip.Entries.Single(e => e.Name.StartsWith("Network-", StringComparison.Ordinal));
            using Stream network = entry.Open();
            network.SetLength(network.Length / 2);
        }
        stream.Position = 0;
        StringAssert.Contains(Reason(() => PersonTransfer.LoadModel(_context, stream, out _)).Message, "Network-");
    }

    private static List<string> Warnings(BodyModel body, bool redistributable, out string state)
    {
        var context = new MLContext(seed: 1);
        var warnings = new List<string>();
        context.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        using var generator = new LiquidWarpingGenerator(
            TinyGenerator.Package(TinyGenerator.Manifest(body.Hash) with { Redistributable = redistributable }));
        IDataView data = context.Data.LoadFromEnumerable(Rows);
        ITransformer model = context.Transforms.ImitateMotion(generator,
            new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Strategy = CameraStrategy.Source,
            FrontWarp = FrontWarpMode.None }, body).Fit(data);
        using var stream = new MemoryStream();
        context.Model.Save(model, data.Schema, stream);
        using var zip = new ZipArchive(stream);
        using var reader = new StreamReader(zip.Entries.Last(e => e.Name == "Stage.json").Open());
        state = reader.ReadToEnd();
        return warnings;
    }

    private IEstimator<ITransformer> Chain(TransferGenerator generator, BodyModel body) => _context.Transforms.ImitateMotion(
        generator, new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Strategy = CameraStrategy.Source,
        FrontWarp = FrontWarpMode.None, WithLayers = true }, body);

    private MemoryStream Save(ITransformer model)
    {
        var stream = new MemoryStream();
        _context.Model.Save(model, Data().Schema, stream);
        stream.Position = 0;
        return stream;
    }

    private static List<string> Entries(MemoryStream stream)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        List<string> names = [.. zip.Entries.Select(e => e.Name)];
        stream.Position = 0;
        return names;
    }

    private string Hash(ITransformer model) => RowHash.OfData(model.Transform(Data()));

    // ML.NET wraps the exceptions of loaders.
    private static ModelFileException Reason(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // The inner exceptions of any exception are searched.
        catch (Exception e)
#pragma warning restore CA1031
        {
            for (Exception? inner = e; inner is not null; inner = inner.InnerException)
            {
                if (inner is ModelFileException reason)
                    return reason;
            }
            throw;
        }
        throw new AssertFailedException("Nothing was thrown.");
    }

    private static IEnumerable<Row> Rows =>
        new[] { 1, 2 }.Select(i => new Row { SourceImage = TestBody.Picture(1), SourceSmpl = TestBody.Smpl(9),
        ReferenceSmpl = TestBody.Smpl(i) });

    private IDataView Data() => _context.Data.LoadFromEnumerable(Rows);

    private sealed class Row
    {
        [VectorType(85)]
        public float[] SourceSmpl { get; set; } = [];

        [VectorType(85)]
        public float[] ReferenceSmpl { get; set; } = [];

        [ImageType(S, S)]
        public MLImage SourceImage { get; set; } = null!;
    }

    private sealed class InputRow
    {
        public float[] SourceBackgroundInput { get; set; } = [];

        public float[] SourceForegroundInput { get; set; } = [];

        public float[] TargetTransferInput { get; set; } = [];

        public float[] T { get; set; } = [];
    }

    private sealed class Generated
    {
        [ImageType(S, S)]
        public MLImage TargetImage { get; set; } = null!;

        public float[] TargetMask { get; set; } = [];
    }
}
