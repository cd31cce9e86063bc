using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Importing;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Checkpoints;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Tests.Generation;
using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Tests.Transforms;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Tests the path from published files to animated people with the console: import, inspect, imitate.</summary>
[TestClass]
public sealed class ImportTests
{
    private static readonly GeneratorShape s_shape = new() { Width = 3, Levels = 2, Blocks = 1 };

    [TestMethod]
    public async Task AFolderOfPublishedFilesIsImportedAndImitates()
    {
        using var folder = new TemporaryFolder();
        string published = Directory.CreateDirectory(Path.Combine(folder.Path, "published")).FullName,
            imported = Path.Combine(folder.Path, "imported");
        LegacyCheckpoint.Write(Path.Combine(published, "net.pth"), TinyGenerator.Weights(s_shape), prefix: "module.");
        BodyModel.Default.Save(Path.Combine(published, "body.npz"));
        await File.WriteAllTextAsync(Path.Combine(published, "readme.txt"), "hello");
        Imitate run = (await Imitate.RunAsync("import", published, "--out", imported)).Succeeded();
        Assert.Contains("width 3, 2 levels, 1 residual blocks", run.Output);
        Assert.Contains("readme.txt: ignored", run.Output);
        Assert.Contains("taken as aligned", run.Output);

        ModelManifest manifest = ModelPackage.LoadFolder(Path.Combine(imported, "generator")).Manifest;
        Assert.AreEqual(s_shape with { AlignCorners = true }, manifest.Generator);
        Assert.AreEqual(BackgroundComposition.WholePicture, manifest.Background);
        Assert.AreEqual(ImportRun.OriginOf(Path.Combine(published, "net.pth")), manifest.Origin.Single());
        Assert.IsFalse(manifest.Redistributable);
        using (LiquidWarpingGenerator generator = LiquidWarpingGenerator.Load(Path.Combine(imported, "generator")))
            CollectionAssert.AreEqual(OnnxRun.File(GeneratorNetwork.BuildTransfer(generator.Shape), TinyGenerator.Weights(s_shape)),
                generator.Package.Get(LiquidWarpingGenerator.TransferFile));

        string[] short2 = ["--motion", Imitate.ShortMotion(folder, 2), "--size", "64"];
        string first = Path.Combine(folder.Path, "first"), second = Path.Combine(folder.Path, "second"),
            model = Path.Combine(folder.Path, "model.zip");
        (await Imitate.RunAsync(["imitate", .. short2, "--generator", imported, "--out", first, "--save", model])).Succeeded();
        (await Imitate.RunAsync(["imitate", "--motion", short2[1], "--model", model, "--out", second])).Succeeded();
        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(Path.Combine(first, "frames", "frame_001.png")),
            await File.ReadAllBytesAsync(Path.Combine(second, "frames", "frame_001.png")));
        (await Imitate.RunAsync(["imitate", "--size", "66", "--generator", imported, "--out", second])).FailedWith(1, "multiples of 4");

        run = (await Imitate.RunAsync("inspect", Path.Combine(imported, "generator"))).Succeeded();
        Assert.Contains("reads TransferInput [?,6,?,?]", run.Output);
    }

    [TestMethod]
    public async Task SmplsFilesAndTheirTablesMakeABody()
    {
        using var folder = new TemporaryFolder();
        string checkpoint = Path.Combine(folder.Path, "net.pth"), imported = Path.Combine(folder.Path, "imported");
        LegacyCheckpoint.Write(checkpoint, TinyGenerator.Weights(s_shape));
        string[] files = [checkpoint, Fixture.PathOf("body/body.npz"), Fixture.PathOf("maps/mapper.txt"),
            Fixture.PathOf("maps/front_facial.json"), Fixture.PathOf("maps/head.json")];
        Imitate run = (await Imitate.RunAsync(
            ["import", .. files, "--out", imported, "--align-corners", "false", "--warping", "OneLevel", "--licence", "mine",
                "--half"])).Succeeded();
        Assert.Contains("parts are taken from the joints", run.Output);
        string hash = Fixture.SurfacedBody.WithParts().Hash;
        BodyModel body = BodyModel.Load(Path.Combine(imported, "body.npz"));
        Assert.AreEqual(hash, body.Hash);
        Assert.IsTrue(body.Surface.HasParts);
        ModelManifest manifest = ModelPackage.LoadFolder(Path.Combine(imported, "generator")).Manifest;
        Assert.AreEqual(hash, manifest.BodyHash);
        Assert.AreEqual(s_shape with { AlignCorners = false, Warping = FeatureWarping.OneLevel }, manifest.Generator);
        Assert.AreEqual("mine", manifest.Licence);

        // The body's file has no texture coordinates, so those of the folder are used.
        var settings = new ImitateSettings { Generator = imported, Body = Fixture.PathOf("body/body.npz"), Size = 64 };
        using (ModelChoice choice = ModelChoice.Load(settings, TextWriter.Null))
            Assert.AreEqual(hash, choice.Body.Hash);
        Assert.ThrowsExactly<BodyMismatchException>(() => ModelChoice.Load(settings with { Body = WriteBody(folder) }, TextWriter.Null));
    }

    [TestMethod]
    public async Task AnImportedGeneratorSwapsAndErodesAsItWasTrained()
    {
        using var folder = new TemporaryFolder();
        string checkpoint = Path.Combine(folder.Path, "net.pth"), imported = Path.Combine(folder.Path, "imported"),
            list = Path.Combine(folder.Path, "smpl_part_info.json"), model = Path.Combine(folder.Path, "model.zip");
        LegacyCheckpoint.Write(checkpoint, TinyGenerator.Weights(s_shape));
        // A published list has ten parts; here face f belongs to part f mod 10.
        await File.WriteAllTextAsync(list, "{" + string.Join(",", Enum.GetValues<BodyPart>().Select(p =>
            $"\"{(int)p:00}_{string.Concat(p.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? "_" + c : c + ""))}\":"
            + $"{{\"face\":[{string.Join(",", Enumerable.Range(0, 760).Where(f => f % 10 == (int)p))}]}}")) + "}");
        string[] files = [checkpoint, Fixture.PathOf("body/body.npz"), Fixture.PathOf("maps/mapper.txt"),
            Fixture.PathOf("maps/front_facial.json"), list];
        (await Imitate.RunAsync(["import", .. files, "--out", imported])).Succeeded();
        BodyModel body = BodyModel.Load(Path.Combine(imported, "body.npz"));
        CollectionAssert.AreEqual(Enumerable.Range(0, 760).Select(f => f % 10).ToArray(), body.Surface.Part.ToArray());

        using LiquidWarpingGenerator generator = LiquidWarpingGenerator.Load(Path.Combine(imported, "generator"));
        Assert.AreEqual(256, generator.Package.Manifest.ImageSize);
        foreach (int size in (int[])[64, 128, 256, 512])
            Assert.AreEqual(13, generator.BackgroundKernel(size), "13 at every size, as published");
        // With the body and its parts, swapping works, also by reference with only the published files.
        var context = new Microsoft.ML.MLContext(seed: 1);
        Assert.IsNotNull(Microsoft.ML.LwgTransformsCatalog.TransferAppearance(context.Transforms, generator,
            new Lwg.MLNet.Transforms.TransferAppearanceOptions { AsPublished = true, Parts = ["upper"] }, body));
        string published = Directory.CreateDirectory(Path.Combine(folder.Path, "published")).FullName;
        foreach (string file in files[1..])
            File.Copy(file, Path.Combine(published, Path.GetFileName(file)));
        ModelReferences.AddFolder(published);
        Assert.AreEqual(body.Hash, ModelReferences.FindBody(body.Hash, "gone.npz").Hash);
    }

    [TestMethod]
    public async Task AnEstimatorReplacesKeypoints()
    {
        using var folder = new TemporaryFolder();
        string estimator = Path.Combine(folder.Path, "estimator"), model = Path.Combine(folder.Path, "model.zip");
        Standing().SaveFolder(estimator);
        (string photo, string keypoints) = SamplePhoto.Write(folder);
        string[] common = ["imitate", "--motion", Imitate.ShortMotion(folder, 2), "--source", photo];
        string[] frames = new string[3];
        (await Imitate.RunAsync([.. common, "--estimator", estimator, "--size", "64", "--out", Out(0), "--save", model])).Succeeded();
        (await Imitate.RunAsync([.. common, "--model", model, "--out", Out(1)])).Succeeded();
        Imitate run = (await Imitate.RunAsync(
            [.. common, "--keypoints", keypoints, "--estimator", estimator, "--size", "64", "--out", Out(2)])).Succeeded();
        Assert.DoesNotContain("Body fitted", run.Output, "Nothing was fitted.");
        CollectionAssert.AreEqual(Frame(0), Frame(1));
        CollectionAssert.AreNotEqual(Frame(0), Frame(2), "Key points say where to look.");
        (await Imitate.RunAsync(["imitate", "--source", photo, "--reference", photo, "--estimator", estimator, "--size", "64", "--out",
            Out(2)])).Succeeded();

        string Out(int i) => Path.Combine(folder.Path, $"out{i}");

        byte[] Frame(int i) => File.ReadAllBytes(Path.Combine(Out(i), "frames", "frame_001.png"));
    }

    [TestMethod]
    public async Task InspectListsTheContents()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "net.pth");
        LegacyCheckpoint.Write(path, TinyGenerator.Weights(s_shape));
        Imitate run = (await Imitate.RunAsync("inspect", path)).Succeeded();
        Assert.Contains("PyTorch checkpoint (format before 1.6)", run.Output);
        Assert.Contains("  tsf_model.encoders.0.0.weight [3,6,7,7] float32", run.Output);
        Assert.Contains("It is a Liquid Warping GAN generator (width 3, 2 levels, 1 residual blocks). All weights fit.", run.Output);

        run = (await Imitate.RunAsync("inspect", Fixture.PathOf("body/body.npz"))).Succeeded();
        Assert.Contains("It is a body: 380 vertices, 760 faces, with key points, without texture coordinates", run.Output);
        run = (await Imitate.RunAsync("inspect", Fixture.PathOf("smpl/theta.npy"))).Succeeded();
        Assert.Contains("theta [8,85] f4", run.Output);
        (await Imitate.RunAsync("inspect", folder.Write("letter.onnx", [1, 2, 3]))).FailedWith(1, "letter.onnx");
        (await Imitate.RunAsync("inspect", folder.Write("letter.pth", "Dear all"u8.ToArray()))).FailedWith(1, "letter.pth");
        (await Imitate.RunAsync("inspect", Path.Combine(folder.Path, "nothing.pth"))).FailedWith(1, "no such file");
    }

    [TestMethod]
    public async Task TheBodyInHmrsCheckpointIsIgnoredAndReported()
    {
        using var folder = new TemporaryFolder();
        string checkpoint = Path.Combine(folder.Path, "hmr.pth"), imported = Path.Combine(folder.Path, "imported");
        // As published: the body transposed, without faces, and batch normalisation's counters. 10 vertices suffice for names.
        LegacyCheckpoint.Write(checkpoint, new Together(FormulaWeights.Hmr, new()
        {
            ["smpl.v_template"] = [10, 3],
            ["smpl.shapedirs"] = [10, 30],
            ["smpl.J_regressor"] = [10, 24],
            ["smpl.posedirs"] = [207, 30],
            ["smpl.weight"] = [1, 10, 24],
            ["smpl.joint_regressor"] = [10, 19],
            ["resnet.post_bn.num_batches_tracked"] = [1],
        }));
        Imitate run = (await Imitate.RunAsync("inspect", checkpoint)).Succeeded();
        Assert.Contains("It is a SMPL estimator (HMR). All weights fit. 6 body buffers (smpl.*), not needed.", run.Output);
        Assert.DoesNotContain("It is a body", run.Output);
        run = (await Imitate.RunAsync("import", checkpoint, "--out", imported)).Succeeded();
        Assert.Contains("6 body buffers (smpl.*), not needed.", run.Output);
        Assert.DoesNotContain("unexpected", run.Output);
        using (LearnedSmplEstimator estimator = LearnedSmplEstimator.Load(Path.Combine(imported, "estimator")))
            CollectionAssert.AreEqual(FormulaWeights.HmrPackage.Get(LearnedSmplEstimator.NetworkFile),
                estimator.Package.Get(LearnedSmplEstimator.NetworkFile));

        // Files that are neither network nor body are still described.
        LegacyCheckpoint.Write(checkpoint,
            new Together(FormulaWeights.Hmr, new() { ["smpl.v_template"] = [10, 3], ["resnet.extra.weight"] = [2] }));
        run = (await Imitate.RunAsync("inspect", checkpoint)).Succeeded();
        Assert.Contains("1 unexpected: resnet.extra.weight. 1 body buffers (smpl.*), not needed.", run.Output);
    }

    [TestMethod]
    public async Task ErrorsAreReportedAndNothingIsWritten()
    {
        using var folder = new TemporaryFolder();
        string good = Path.Combine(folder.Path, "good.pth"), half = Path.Combine(folder.Path, "half.pth"),
            strange = Path.Combine(folder.Path, "strange.pth");
        LegacyCheckpoint.Write(good, TinyGenerator.Weights(s_shape));
        LegacyCheckpoint.Write(half, FormulaWeights.For(GeneratorNetwork.BuildTransfer(s_shape)));
        var weights = new ArrayWeights();
        weights.Set("a", [2], [1, 2]);
        LegacyCheckpoint.Write(strange, weights);
        string body = WriteBody(folder), bare = Fixture.PathOf("body/body.npz");
        await Fails("no body", [good], "but the files contain none");
        await Fails("body without texture coordinates", [good, bare], "no texture coordinates");
        await Fails("half a checkpoint", [half, body], "missing: bg_model.");
        await Fails("two generators", [good, good, body], "second generator");
        await Fails("no network", [strange], "can be imported");
        await Fails("truncated", [folder.Write("cut.pth", (await File.ReadAllBytesAsync(good))[..^100]), body], "cut.pth");
        await Fails("no file", [Path.Combine(folder.Path, "gone.pth")], "no such file");
        await Fails("other mapper", [good, body, Fixture.PathOf("maps/mapper.txt")], "760 faces");
        (await Imitate.RunAsync("imitate", "--generator", Path.Combine(folder.Path, "gone"), "--out",
            Path.Combine(folder.Path, "out"))).FailedWith(1, "manifest.json");
        Assert.IsFalse(Directory.Exists(Path.Combine(folder.Path, "out")));

        async Task Fails(string what, string[] files, string words)
        {
            string imported = Path.Combine(folder.Path, "imported");
            (await Imitate.RunAsync(["import", .. files, "--out", imported])).FailedWith(1, words);
            Assert.IsFalse(Directory.Exists(imported), what);
        }
    }

    /// <summary>A network's weights, and additional arrays of 0.</summary>
    private sealed class Together(INamedWeights weights, Dictionary<string, int[]> more) : INamedWeights
    {
        public IReadOnlyCollection<string> Names => [.. weights.Names.Concat(more.Keys).Distinct()];

        public bool TryGetShape(string name, out int[] shape) => weights.TryGetShape(name, out shape) || more.TryGetValue(name, out shape!);

        public void Read(string name, Span<float> destination)
        {
            if (weights.TryGetShape(name, out _))
                weights.Read(name, destination);
            else
                destination.Clear();
        }
    }

    private static string WriteBody(TemporaryFolder folder)
    {
        string path = Path.Combine(folder.Path, "own.npz");
        BodyModel.Default.Save(path);
        return path;
    }

    /// <summary>Creates an estimator that always returns a person standing in the middle.</summary>
    private static ModelPackage Standing()
    {
        NetworkGraph graph = TinyEstimator.Graph(withKeypoints: false);
        var formula = FormulaWeights.For(graph);
        var weights = new ArrayWeights();
        foreach (GraphTensor weight in graph.Weights)
        {
            float[] values = new float[weight.Count];
            formula.Read(weight.Name, values);
            if (weight.Name == "theta.weight")
                values.AsSpan().Clear();
            weights.Set(weight.Name, weight.Shape, weight.Name == "theta.bias" ? TestBody.Smpl(3) : values);
        }
        return LearnedSmplEstimator.Write(TinyEstimator.Manifest, graph, weights);
    }
}
