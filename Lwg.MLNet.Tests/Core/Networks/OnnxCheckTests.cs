using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Estimation;
using static Lwg.MLNet.Tests.Networks.OnnxBytes;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Tests that files that would read other files, load code, or use excessive time and memory are refused before a session is
/// created, wherever a network is opened.</summary>
[TestClass]
public sealed class OnnxCheckTests
{
    private const string File = "evil.onnx";

    private static readonly byte[] s_x = Input("x", FloatType, 1), s_out = Output("out", FloatType, 1),
        s_copy = Node("Identity", ["x"], ["out"]);

    // A tensor whose values are declared to be in a file.
    private static readonly byte[] s_elsewhere = Content("w", ByteType, [13], [], InFile("secret.txt"));

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> External() =>
    [
        ["an initializer", Model(Node("Cast", ["w"], ["wf"], Whole("to", 1)), Node("Add", ["wf", "x"], ["out"]), Initializer(s_elsewhere),
            s_x, s_out)],
        ["a constant", Model(Node("Constant", [], ["w"], Tensor("value", s_elsewhere)), s_copy, s_x, s_out)],
        ["tensors of an attribute", Model(Node("Identity", ["x"], ["out"], Message(5, Text(1, "list"), Message(10, s_elsewhere))), s_x,
            s_out)],
        ["values of a sparse initializer", Model(s_copy, s_x, s_out, Message(15, Message(1, s_elsewhere), Number(3, 100)))],
        ["places of a sparse initializer", Model(s_copy, s_x, s_out, Message(15, Message(2, s_elsewhere), Number(3, 100)))],
        ["a sparse attribute", Model(Node("Constant", [], ["w"], Message(5, Text(1, "sparse_value"), Message(22, Message(1, s_elsewhere)))),
            s_copy, s_x, s_out)],
        ["sparse attributes", Model(Node("Constant", [], ["w"], Message(5, Text(1, "list"), Message(23, Message(1, s_elsewhere)))), s_copy,
            s_x, s_out)],
        ["a graph in a node", Model(Node("If", ["k"], ["out"],
            Graph("then_branch", Node("Constant", [], ["w"], Tensor("value", s_elsewhere)))), True("k"), s_x, s_out)],
        ["an initializer of a graph in a node",
            Model(Node("If", ["k"], ["out"], Graph("else_branch", Initializer(s_elsewhere))), True("k"), s_x, s_out)],
        ["graphs in a node", Model(Node("If", ["k"], ["out"], Message(5, Text(1, "list"), Message(11, Initializer(s_elsewhere)))),
            True("k"), s_x, s_out)],
        ["a second graph", Model(s_copy, s_x, s_out).Concat(Message(7, Initializer(s_elsewhere))).ToArray()],
        ["a place without a name", Model(s_copy, s_x, s_out, Initializer(Content("w", ByteType, [4], [], Number(14, 1))))],
        ["a place that is cut to a 32-bit number",
            Model(s_copy, s_x, s_out, Initializer(Content("w", ByteType, [4], [], Number(14, (1L << 32) + 1))))],
    ];

    [TestMethod]
    [DynamicData(nameof(External))]
    public void ValuesInOtherFilesAreRefusedWhereverTheyAre(string where, byte[] onnx)
    {
        foreach (OnnxRules rules in (OnnxRules[])[OnnxRules.Others, OnnxRules.Own])
        {
            string message = Refused(onnx, rules);
            Assert.IsTrue(
                message.Contains("in another file", StringComparison.Ordinal)
                || message.Contains("more than one of the graph", StringComparison.Ordinal)
                || (rules == OnnxRules.Own && message.Contains("no such operator", StringComparison.Ordinal)),
                $"{where}: {message}");
        }
    }

    [TestMethod]
    public void TheExternalFileIsNamed() =>
        StringAssert.Contains(Refused((byte[])External().First()[1]), "('location' = 'secret.txt'); they must be in the ONNX file itself");

    [TestMethod]
    public void AModelFolderWhoseHashesVerifyReadsNoOtherFile()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model");
        var manifest = new ModelManifest { Kind = ModelKind.PoseNetwork, ImageSize = 256, Licence = "x" };
        ModelPackage.Create(manifest, new Dictionary<string, byte[]> { [KeypointDetector.NetworkFile] = (byte[])External().First()[1] })
            .SaveFolder(path);
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => KeypointDetector.Load(path));
        StringAssert.Contains(error.Message, "pose.onnx");
        StringAssert.Contains(error.Message, "secret.txt");

        ModelPackage estimator = TinyEstimator.Package();
        error = Assert.ThrowsExactly<ModelFileException>(() =>
            new LearnedSmplEstimator(ModelPackage.Create(estimator.Manifest, new Dictionary<string,
            byte[]> { ["estimator.onnx"] = (byte[])External().First()[1] })));
        StringAssert.Contains(error.Message, "estimator.onnx");
        StringAssert.Contains(error.Message, "in another file");
    }

    [TestMethod]
    [DataRow("com.evil")]
    [DataRow("com.microsoft")]
    [DataRow("ai.onnx.ml")]
    public void OperatorsOfOtherDomainsAreRefused(string domain)
    {
        byte[] custom = Node("Evil", ["x"], ["out"], Domain(domain));
        StringAssert.Contains(Refused(Model(custom, s_x, s_out)), $"of the domain '{domain}'");
        StringAssert.Contains(Refused(Model(Node("If", ["k"], ["out"], Graph("then_branch", custom)), True("k"), s_x, s_out)), domain);
        StringAssert.Contains(Refused(Model(Node("Evil", ["x"], ["out"], Domain(domain), Domain("")), s_x, s_out)), domain,
            "The last one counts; none may be foreign.");
    }

    [TestMethod]
    public void TheOnnxDomainHasTwoNames() =>
        NetworkSession.Open(Model(Node("Relu", ["x"], ["out"], Domain("ai.onnx")), s_x, s_out), File).Dispose();

    [TestMethod]
    public void FunctionsTrainingAndOtherFormatsAreRefused()
    {
        StringAssert.Contains(Refused(ModelWith([Message(25, Text(1, "f"))], s_copy, s_x, s_out)), "it defines functions");
        StringAssert.Contains(Refused(ModelWith([Message(20, Message(2, s_copy))], s_copy, s_x, s_out)), "for training");
        StringAssert.Contains(Refused([.. new byte[4], .. "ORTM"u8, .. new byte[100]]), "ONNX Runtime's own format");
        StringAssert.Contains(Refused([]), "no graph");
    }

    [TestMethod]
    [DataRow(7)]
    [DataRow(90)]
    public void TheDepthOfNestedGraphsIsLimited(int deep)
    {
        byte[][] graph = [s_copy];
        for (int i = 0; i < deep; i++)
            graph = [Node("If", ["k"], ["out"], Graph("then_branch", graph))];
        byte[] onnx = Model([.. graph, True("k"), s_x, s_out]);
        if (deep < 8)
            Assert.IsFalse(OnnxCheck.HasLoops(onnx, File, OnnxRules.Others));
        else
            StringAssert.Contains(Refused(onnx), "more than 8 levels deep");
        StringAssert.Contains(Refused(onnx, OnnxRules.Own), "have no such operator");
    }

    [TestMethod]
    public void AConstantForHugeTensorsIsRefusedBeforeMemoryIsAllocated()
    {
        // 171 bytes, for which ONNX Runtime allocated 1.9 GB when it opened them.
        byte[] Bomb(byte[] size) => Model(
            Node("ConstantOfShape", ["s"], ["big"]), Node("ReduceSum", ["big"], ["sum"], Whole("keepdims", 0)),
            Node("Add", ["sum", "x"], ["out"]), size, s_x, s_out);
        StringAssert.Contains(Refused(Bomb(Longs("s", 250_000_000))), "its constants make 2.5e8 elements");
        StringAssert.Contains(Refused(Bomb(Longs("s", 16_000, 16_000))), "elements or times as many");
        StringAssert.Contains(Refused(Bomb(
            Node("Constant", [], ["s"], Tensor("value", Content("", LongType, [1], BitConverter.GetBytes(250_000_000L)))))),
            "ConstantOfShape");
        StringAssert.Contains(Refused(Bomb(
            [.. Longs("a", 16_000), .. Longs("b", 16_000), .. Node("Concat", ["a", "b"], ["s"], Whole("axis", 0))])), "ConstantOfShape");
        StringAssert.Contains(Refused(Bomb(
            Initializer(Content("s", LongType, [1], BitConverter.GetBytes(250_000_000L), Text(12, new string('a', 10_000)))))),
            "ConstantOfShape", "A long comment hides nothing.");
        StringAssert.Contains(Refused(Model(Node("Tile", ["x", "s"], ["out"]), Longs("s", 1 << 30), s_x, s_out)), "Tile");
        StringAssert.Contains(Refused(Model(Node("Pad", ["x", "s"], ["out"]), Longs("s", 0, 1 << 30), s_x, s_out)), "pads by");
        StringAssert.Contains(Refused(Model(Node("Expand", ["x", "s"], ["out"]), Longs("s", 1 << 30), s_x, s_out), OnnxRules.Own),
            "Expand");
        StringAssert.Contains(Refused(Model(Node("RandomNormal", [], ["r"], Wholes("shape", 1 << 20, 1 << 20)), s_copy, s_x, s_out)),
            "RandomNormal");
        StringAssert.Contains(Refused(Model(Node("MaxPool", ["x"], ["out"], Wholes("kernel_shape", 1 << 30, 1)), s_x, s_out)),
            "its kernel_shape has");
    }

    [TestMethod]
    public void RunsTakeNoMoreThanTheSharedMemory()
    {
        // 65,536 * 65,536 floats of a computed shape, which the file does not show: 16 GB with a limit of 4 GB.
        byte[] onnx = Model(
            Node("Mul", ["a", "a"], ["s"]), Node("ConstantOfShape", ["s"], ["big"]),
            Node("ReduceSum", ["big"], ["sum"], Whole("keepdims", 0)), Node("Add", ["sum", "x"], ["out"]), Longs("a", 1 << 16), s_x, s_out);
        using NetworkSession session = NetworkSession.Open(onnx, File);
        using NetworkRun run = session.CreateRun(("x", [1f], [1]), ("out", new float[1], [1]));
        string message = Assert.ThrowsExactly<LwgException>(run.Run).Message;
        StringAssert.Contains(message, $"'{File}' failed");
        StringAssert.Contains(message, "is smaller than requested bytes of 17179869184");
        StringAssert.Contains(Refused(onnx, OnnxRules.Own), "no such operator");
        StringAssert.Contains(Refused(Model(Node("Mul", ["a", "a"], ["s"]), Node("Expand", ["x", "s"], ["out"]), Longs("a", 1 << 16), s_x,
            s_out), OnnxRules.Own), "its size 's' is computed");
    }

    [TestMethod]
    public void DeclaredSizesAreLimited()
    {
        StringAssert.Contains(Refused(Model(s_copy, Input("x", FloatType, 1 << 21), s_out)), "a side of 2097152 is declared");
        StringAssert.Contains(Refused(Model(s_copy, s_x, Output("out", FloatType, 1 << 20, 1 << 20))), "elements are declared");
        StringAssert.Contains(Refused(Model(s_copy, s_x, s_out, Initializer(Content("w", FloatType, [1 << 20, 1 << 20], [])))),
            "declares more than 2147483647 elements");
        StringAssert.Contains(Refused(Model(s_copy, s_x, s_out, Initializer(Content("w", FloatType, [1 << 20], new byte[100])))),
            "declares 1048576 elements, but has");
        StringAssert.Contains(Refused(Model(s_copy, s_x, s_out, Initializer(Content("w", FloatType, [-1], [])))), "a side of -1");
        StringAssert.Contains(Refused(Model(s_copy, s_x, s_out, Message(15, Number(3, 1 << 30)))), "a sparse tensor claims");
    }

    [TestMethod]
    public void LoopsMustSpecifyTheirNumberOfRounds()
    {
        StringAssert.Contains(Refused(Loop("m", ScalarLong("m", 1L << 62))),
            "Loop': its limit is 4.611686018427388E+18 iterations; 0 to 1000000 are allowed");
        StringAssert.Contains(Refused(Loop("m", Node("Constant", [], ["m"], Whole("value_int", 1 << 30)))), "iterations; 0 to");
        StringAssert.Contains(Refused(Loop("", [])), "does not limit its iterations");
        StringAssert.Contains(Refused(Model(
            Node("Loop", ["m", "k", "x"], ["out"],
            Graph("body", Input("i", LongType), Input("c", BoolType), Input("a", FloatType, 1), Output("c", BoolType),
            Output("a", FloatType, 1))), ScalarLong("m", 3), True("k"), s_x, s_out)), "without computing anything");
        StringAssert.Contains(Refused(Loop("m", ScalarLong("m", 3)), OnnxRules.Own), "no such operator");
        using NetworkSession session = NetworkSession.Open(Loop("m", ScalarLong("m", 3)), File);
        float[] y = new float[1];
        using NetworkRun run = session.CreateRun(("x", [7f], [1]), ("out", y, [1]));
        run.Run();
        Assert.AreEqual(7f, y[0]);
    }

    [TestMethod]
    public async Task ALoopOfComputedRoundsIsEndedWhenItIsCancelled()
    {
        // 2^62 iterations, which would practically never end.
        using NetworkSession session = NetworkSession.Open(Endless(), File);
        using NetworkRun run = session.CreateRun(("x", [7f], [1]), ("out", new float[1], [1]));
        using var cancel = new CancellationTokenSource();
        Task running = Task.Run(() => run.Run(cancel.Token), TestContext.CancellationToken);
        await cancel.CancelAsync();
        OperationCanceledException error = await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        Assert.AreEqual(cancel.Token, error.CancellationToken);
        using var again = new CancellationTokenSource(1);
        Assert.Throws<OperationCanceledException>(() =>
            run.Run(again.Token), "What was cancelled once runs again, and can be cancelled again.");
    }

    [TestMethod]
    public void ALoopThatDoesNotEndIsEnded()
    {
        using NetworkSession session = NetworkSession.Open(Endless(), File, null,
            OnnxRules.Others with { LoopLimit = TimeSpan.FromMilliseconds(1) });
        using NetworkRun run = session.CreateRun(("x", [7f], [1]), ("out", new float[1], [1]));
        StringAssert.Contains(Assert.ThrowsExactly<LwgException>(run.Run).Message, $"'{File}' has loops and did not end within 0.001 s");
        StringAssert.Contains(Assert.ThrowsExactly<LwgException>(() => session.TryRun("x", [1])).Message, "did not end",
            "where a detector asks for shapes");
    }

    [TestMethod]
    public void FilesOfTheLibraryFollowTheRulesOfItsModels()
    {
        foreach (ModelPackage package in (ModelPackage[])[OwnModels.Generator, OwnModels.Estimator, TinyEstimator.Package()])
        {
            foreach (string file in package.Manifest.Files.Keys.Where(f => f.EndsWith(".onnx", StringComparison.Ordinal)))
                Assert.IsFalse(OnnxCheck.HasLoops(package.Get(file), file, OnnxRules.Own), file);
        }
    }

    [TestMethod]
    public void AFlippedBitCausesNoOtherError()
    {
        byte[] good = Loop("m", ScalarLong("m", 3));
        for (int bit = 0; bit < 8 * good.Length; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << bit % 8);
            Check(bad);
        }
        for (int length = 0; length < good.Length; length++)
            Check(good[..length]);

        static void Check(byte[] onnx)
        {
            try
            {
                OnnxCheck.HasLoops(onnx, File, OnnxRules.Others);
            }
            catch (ModelFileException e)
            {
                Assert.AreEqual(File, e.File);
            }
        }
    }

    [TestMethod]
    public void TheCheckAllocatesNoMemoryForWeights()
    {
        byte[] onnx = OwnModels.Generator.Get("transfer.onnx");
        OnnxCheck.HasLoops(onnx, File, OnnxRules.Own);
        long before = GC.GetAllocatedBytesForCurrentThread();
        OnnxCheck.HasLoops(onnx, File, OnnxRules.Own);
        Assert.IsLessThan(onnx.Length / 4, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // The number of iterations is a product: 2^31 * 2^31.
    private static byte[] Endless() => Loop("m", [.. ScalarLong("h", 1L << 31), .. Node("Mul", ["h", "h"], ["m"])]);

    private static byte[] Loop(string rounds, byte[] more) => Model(
        more,
        Node("Loop", [rounds, "k", "x"], ["out"], Graph(
            "body", Node("Identity", ["c"], ["c2"]), Node("Identity", ["a"], ["a2"]), Input("i", LongType), Input("c", BoolType),
            Input("a", FloatType, 1), Output("c2", BoolType), Output("a2", FloatType, 1))),
        True("k"), s_x, s_out);

    private static string Refused(byte[] onnx, OnnxRules? rules = null)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() =>
            NetworkSession.Open(onnx, File, null, rules ?? OnnxRules.Others).Dispose());
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before, "A refusal takes little memory.");
        Assert.AreEqual(File, error.File);
        return error.Message;
    }
}
