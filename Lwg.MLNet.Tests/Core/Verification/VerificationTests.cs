using System.Text.RegularExpressions;
using Lwg.MLNet.Body;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Synthesis.Verification;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Verification;

/// <summary>Tests dumps from the fixtures: correct ones agree, and every inserted error is reported with its stage.</summary>
[TestClass]
public sealed partial class VerificationTests
{
    private static readonly VerificationSettings s_flow = new() { Body = Fixture.SurfacedBody, BackgroundKernel = 15, AlignCorners = true };

    [TestMethod]
    public void ARightFlowAgreesInAllItsStages()
    {
        IReadOnlyList<StageVerdict> verdicts = Verify(DumpFile.OfFlow(), s_flow);
        Assert.IsTrue(verdicts.All(v => v.Agrees), VerificationText.Of(verdicts));
        CollectionAssert.AreEqual(
            new[] { "pose source", "rasterize source", "points of source", "condition of source", "pose target", "rasterize target",
            "condition of target", "transformation flow",
                "background input", "source input", "warp", "transfer input" },
            verdicts.Where(v => v.Checked).Select(v => v.Stage).ToArray());
        Assert.AreEqual("'estimator_theta'", verdicts[0].Missing);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void TheNetworksAgreeInTheWayTheyWereSampledOnly(bool alignCorners)
    {
        using var generator = new LiquidWarpingGenerator(DumpFile.Generator(alignCorners));
        IReadOnlyList<StageVerdict> verdicts = Verify(DumpFile.OfNetworks(), new VerificationSettings { Generator = generator });
        CollectionAssert.AreEqual(new[] { "background net", "transfer stream", "composition" }, verdicts.Where(v => v.Checked)
            .Select(v => v.Stage).ToArray());
        CollectionAssert.AreEqual(alignCorners ? [] : new[] { "transfer stream" }, Differing(verdicts), VerificationText.Of(verdicts));
    }

    [TestMethod]
    public void TheEstimatorAgrees()
    {
        using var estimator = new LearnedSmplEstimator(FormulaWeights.HmrPackage);
        var settings = new VerificationSettings { Estimator = estimator };
        DumpFile dump = DumpFile.OfEstimator();
        Assert.IsEmpty(Differing(Verify(dump, settings)));
        // Pose, shape, camera instead of camera, pose, shape.
        dump["estimator_theta"] = [.. dump["estimator_theta"][3..], .. dump["estimator_theta"][..3]];
        CollectionAssert.AreEqual(new[] { "estimate SMPL" }, Differing(Verify(dump, settings)));
    }

    [TestMethod]
    public void ADifferentCameraStrategyIsReported()
    {
        DumpFile dump = DumpFile.OfRetargeting();
        Assert.IsEmpty(Differing(Verify(dump, new VerificationSettings())));

        StageVerdict verdict = Retarget(dump, CameraStrategy.Copy);
        Assert.IsFalse(verdict.Agrees);
        Assert.AreEqual("it agrees with the camera strategy Smooth", verdict.Hint);

        // Common errors: the reference's shape; its scale; the movement relative to the source's camera instead of the reference's first
        // frame.
        float[] source = dump["source_theta"], reference = dump["reference_theta"], right = dump["target_theta"];
        Planted((row, i) => i >= 75 ? reference[85 * row + i] : right[85 * row + i]);
        Planted((row, i) => i == 0 ? reference[85 * row] : right[85 * row + i]);
        Planted((row, i) => i is 1 or 2 ? reference[85 * row + i] : right[85 * row + i]);

        dump["target_theta"] = [.. source[..3], .. right[3..85], .. source[85..88], .. right[88..]];
        Assert.AreEqual("it agrees with the camera strategy Source", Retarget(dump, CameraStrategy.Smooth).Hint);
        dump.Remove("reference_origin");
        Assert.AreEqual("'reference_origin'", Retarget(dump, CameraStrategy.Smooth).Missing);
        Assert.IsTrue(Retarget(dump, CameraStrategy.Source) is { Checked: true, Agrees: true },
            "The source's camera needs no first frame.");

        void Planted(Func<int, int, float> value)
        {
            dump["target_theta"] = [.. Enumerable.Range(0, right.Length).Select(i => value(i / 85, i % 85))];
            Assert.IsTrue(Retarget(dump, CameraStrategy.Smooth) is { Agrees: false, Hint: null });
        }

        static StageVerdict Retarget(DumpFile dump, CameraStrategy strategy) =>
            Verify(dump, new VerificationSettings { Strategy = strategy }).Single(v => v.Stage == "retarget");
    }

    [TestMethod]
    public void ADifferentFrontWarpIsReported()
    {
        var settings = new VerificationSettings { Body = Fixture.SurfacedBody };
        DumpFile dump = DumpFile.OfFrontWarp();
        IReadOnlyList<StageVerdict> verdicts = Verify(dump, settings);
        CollectionAssert.AreEqual(new[] { "front of target", "front warp" }, verdicts.Where(v => v.Checked).Select(v => v.Stage).ToArray());
        Assert.IsEmpty(Differing(verdicts), VerificationText.Of(verdicts));
        Assert.Contains(1f, dump["target_front"], "Some of the front is seen.");

        float[] result = dump["result"], mask = dump["mask"], warped = dump["warped"], front = dump["target_front"];
        const int Plane = DumpFile.Size * DumpFile.Size;
        Assert.AreEqual("it agrees with the blend of this library's own models",
            Planted((i, p) => result[i] + front[p] * (1 - mask[p]) * (warped[i] - result[i])));
        // The mask inverted, and omitted.
        Assert.IsNull(Planted((i, p) => (1 - front[p]) * result[i] + front[p] * mask[p] * warped[i]));
        Assert.IsNull(Planted((i, p) => (1 - front[p]) * result[i] + front[p] * warped[i]));

        dump = DumpFile.OfFrontWarp();
        dump["target_front"] = [.. dump["target_front"].Select(f => 1 - f)];
        CollectionAssert.AreEqual(new[] { "front of target", "front warp" }, Differing(Verify(dump, settings)), "The other faces.");
        StringAssert.Contains(Verify(dump, settings with { Body = Fixture.Body }).Single(v => v.Stage == "front of target").Missing,
            "front_facial.json");

        string? Planted(Func<int, int, float> value)
        {
            dump["front_result"] = [.. Enumerable.Range(0, result.Length).Select(i => value(i, i / (3 * Plane) * Plane + i % Plane))];
            IReadOnlyList<StageVerdict> verdicts = Verify(dump, settings);
            CollectionAssert.AreEqual(new[] { "front warp" }, Differing(verdicts), VerificationText.Of(verdicts));
            return verdicts.Single(v => v.Stage == "front warp").Hint;
        }
    }

    [TestMethod]
    [DataRow("source_vertices", "pose source")]
    [DataRow("source_face_index", "rasterize source")]
    [DataRow("source_weights", "rasterize source")]
    [DataRow("source_points", "points of source")]
    [DataRow("source_condition", "condition of source")]
    [DataRow("target_vertices", "pose target")]
    [DataRow("target_face_index", "rasterize target")]
    [DataRow("target_weights", "rasterize target")]
    [DataRow("target_condition", "condition of target")]
    [DataRow("T", "transformation flow")]
    [DataRow("background_input", "background input")]
    [DataRow("source_input", "source input")]
    [DataRow("warped", "warp")]
    [DataRow("transfer_input", "transfer input")]
    public void AnErrorInOneTensorIsReportedWithItsStage(string tensor, string stage)
    {
        // The rows in the wrong order, which can happen in every stage. The readers of the tensor differ too, so the first stage counts.
        DumpFile dump = DumpFile.OfFlow();
        float[] values = dump[tensor];
        dump[tensor] = [.. values[(values.Length / 2)..], .. values[..(values.Length / 2)]];
        IReadOnlyList<StageVerdict> verdicts = Verify(dump, s_flow);
        Assert.AreEqual(stage, Differing(verdicts)[0], VerificationText.Of(verdicts));
    }

    [TestMethod]
    [DataRow("background", "background net")]
    [DataRow("color", "transfer stream")]
    [DataRow("mask", "transfer stream")]
    [DataRow("result", "composition")]
    public void AnErrorOfANetworkIsReportedWithItsStage(string tensor, string stage)
    {
        using var generator = new LiquidWarpingGenerator(DumpFile.Generator());
        DumpFile dump = DumpFile.OfNetworks();
        dump[tensor] = [.. dump[tensor].Select(v => 0.99f * v + 0.01f)];
        IReadOnlyList<StageVerdict> verdicts = Verify(dump, new VerificationSettings { Generator = generator });
        Assert.AreEqual(stage, Differing(verdicts)[0], VerificationText.Of(verdicts));
    }

    [TestMethod]
    public void CommonMistakesAreReportedAlone()
    {
        // Each error in a dump without later tensors, or with tensors computed from it.
        Only("points of source", d => d["source_points"] = [.. d["source_points"].Select((v, i) => i % 2 == 1 ? -v : v)], "T");
        Only("rasterize source", d => d["source_weights"] = [.. d["source_weights"].Chunk(3).SelectMany(w => new[] { w[1], w[2], w[0] })]);
        Only("condition of target", d =>
            d["target_condition"] = [.. d["target_condition"].Select((v, i) => i / 4096 % 3 == 1 ? 1 - v : v)], "transfer_input");
        Only("source input", d => d["source_input"] =
            [.. d["source_input"].Chunk(6 * 4096).SelectMany(row => row[(3 * 4096)..].Concat(row[..(3 * 4096)]))]);
        Only("transformation flow", d => d["T"] = [.. d["T"].Select(v => v == -2 ? 0 : v)], "warped");
    }

    [TestMethod]
    public void TheMatchingSettingIsNamed()
    {
        IReadOnlyList<StageVerdict> verdicts = Verify(DumpFile.OfFlow(), s_flow with { BackgroundKernel = 13, AlignCorners = false });
        CollectionAssert.AreEqual(new[] { "background input", "warp" }, Differing(verdicts));
        Assert.AreEqual("it agrees with an erosion by 15 x 15", verdicts.Single(v => v.Stage == "background input").Hint);
        Assert.AreEqual("it agrees with align_corners = True", verdicts.Single(v => v.Stage == "warp").Hint);
    }

    [TestMethod]
    public async Task TheCommandPrintsAndReturns()
    {
        using var folder = new TemporaryFolder();
        string flow = Path.Combine(folder.Path, "flow.npz"), networks = Path.Combine(folder.Path, "networks.npz"),
            generator = Path.Combine(folder.Path, "generator");
        DumpFile.OfFlow().Save(flow);
        DumpFile.OfNetworks().Save(networks);
        DumpFile.Generator().SaveFolder(generator);
        string body = Fixture.PathOf("body/body.npz"), mapper = Fixture.PathOf("maps/mapper.txt");

        (int code, string text, string complaint) =
            await Run("verify", flow, "--body", body, "--mapper", mapper, "--background-kernel", "15");
        Assert.AreEqual(0, code, text + complaint);
        StringAssert.Contains(text, "All 12 stages that were checked agree.");
        StringAssert.Contains(text, "transfer stream     not checked: 'color' or 'mask' is missing");

        (code, text, _) = await Run("verify", networks, "--generator", generator);
        Assert.AreEqual(0, code, text);
        (code, text, _) = await Run("verify", flow, "--body", body, "--mapper", mapper);
        Assert.AreEqual(1, code, text);
        StringAssert.Contains(text, "1 of 12 stages differ: background input.");

        (code, text, _) = await Run("verify", flow, "--body", body, "--mapper", mapper, "--background-kernel", "15", "--align-corners",
            "false");
        Assert.AreEqual(1, code, text);
        (code, _, complaint) = await Run("verify", networks);
        Assert.AreEqual(0, code, "The composition needs no model." + complaint);
        (code, _, complaint) = await Run("verify", networks, "--background-kernel", "4");
        Assert.AreEqual(2, code);
        StringAssert.Contains(complaint, "--background-kernel is 4");
        DumpFile.OfRetargeting().Save(networks);
        (code, text, complaint) = await Run("verify", networks);
        Assert.AreEqual(0, code, text + complaint);
        (code, text, _) = await Run("verify", networks, "--camera", "source");
        Assert.AreEqual(1, code, text);
        DumpFile.OfFrontWarp().Save(networks);
        (code, text, complaint) = await Run("verify", networks, "--body", body, "--mapper", mapper, "--front",
            Fixture.PathOf("maps/front_facial.json"));
        Assert.AreEqual(0, code, text + complaint);
        StringAssert.Contains(text, "All 2 stages that were checked agree.");
        (code, _, complaint) = await Run("verify", networks, "--front", mapper);
        Assert.AreEqual(2, code);
        StringAssert.Contains(complaint, "--front needs --mapper");
        (code, _, complaint) = await Run("verify", Path.Combine(folder.Path, "nothing.npz"));
        Assert.AreEqual(1, code);
        StringAssert.Contains(complaint, "there is no such file");
    }

    [TestMethod]
    public void InvalidDumpsAreRefused()
    {
        DumpFile dump = DumpFile.OfFlow();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "dump.npz");
        dump.Save(path);
        var error = Assert.ThrowsExactly<ModelFileException>(() => new TensorDump(path, Lwg.MLNet.Body.BodyModel.Default));
        Assert.AreEqual("source_points", error.Entry);
        StringAssert.Contains(error.Reason, $"F = {Lwg.MLNet.Body.BodyModel.Default.FaceCount} as in the body");

        dump["source_face_index"] = [.. dump["source_face_index"].Select(f => f == -1 ? 0.5f : f)];
        error = Assert.ThrowsExactly<ModelFileException>(() => Verify(dump, s_flow));
        Assert.AreEqual("source_face_index", error.Entry);

        using (FileStream stream = File.Create(path))
        {
            using var writer = new Lwg.MLNet.Checkpoints.NumpyArchiveWriter(stream);
            writer.Add("verts", [1f], 1);
        }
        error = Assert.ThrowsExactly<ModelFileException>(() => new TensorDump(path));
        StringAssert.Contains(error.Reason, "source_vertices");
    }

    [TestMethod]
    public void ThePythonScriptHasTheSameTensors()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "verify.md"));
        string shapes = page[page.IndexOf("SHAPES = {", StringComparison.Ordinal)..];
        Dictionary<string, string> told = PythonEntry().Matches(shapes[..shapes.IndexOf('}', StringComparison.Ordinal)])
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Replace(' ', ','));
        CollectionAssert.AreEquivalent(DumpTensor.All.Select(t => $"{t.Name}: {t.Shape}").ToArray(), told.Select(t => $"{t.Key}: {t.Value}")
            .ToArray());
        foreach (DumpTensor tensor in DumpTensor.All)
            StringAssert.Contains(page, $"`{tensor.Name}`", "the table");
    }

    [GeneratedRegex("\"(\\w+)\": \"([^\"]+)\"")]
    private static partial Regex PythonEntry();

    private static void Only(string stage, Action<DumpFile> plant, params string[] leftOut)
    {
        DumpFile dump = DumpFile.OfFlow();
        plant(dump);
        foreach (string tensor in leftOut)
            dump.Remove(tensor);
        IReadOnlyList<StageVerdict> verdicts = Verify(dump, s_flow);
        CollectionAssert.AreEqual(new[] { stage }, Differing(verdicts), VerificationText.Of(verdicts));
    }

    private static IReadOnlyList<StageVerdict> Verify(DumpFile dump, VerificationSettings settings)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "dump.npz");
        dump.Save(path);
        return DumpVerification.Run(new TensorDump(path, settings.Body), settings);
    }

    private static string[] Differing(IReadOnlyList<StageVerdict> verdicts) => [.. verdicts.Where(v => !v.Agrees).Select(v => v.Stage)];

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await ImitateProgram.RunAsync(arguments, output, error, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
