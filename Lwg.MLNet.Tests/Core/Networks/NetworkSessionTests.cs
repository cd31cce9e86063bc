using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Tests running networks: arrays, lifetime, errors.</summary>
[TestClass]
public sealed class NetworkSessionTests
{
    private const int S = 16;

    private static readonly byte[] s_onnx = OnnxRun.File(Graph(), FormulaWeights.For(Graph()));

    [TestMethod]
    public void ARunReadsAndWritesItsArraysAgainAndAgain()
    {
        using NetworkSession session = NetworkSession.Open(s_onnx, "small.onnx");
        CollectionAssert.AreEqual((string[])["X"], session.Inputs.ToArray());
        CollectionAssert.AreEqual((string[])["Y"], session.Outputs.ToArray());
        CollectionAssert.AreEqual((int[])[-1, 3, -1, -1], session.ShapeOf("X").ToArray());
        (float[] x, float[] y) = (FormulaWeights.Input("x", 3 * S * S), new float[4 * S * S]);
        using NetworkRun run = session.CreateRun(("X", x, [1, 3, S, S]), ("Y", y, [1, 4, S, S]));
        run.Run();
        float[] first = [.. y];
        Assert.IsGreaterThan(0.1f, first.Max());
        Array.Clear(x);
        run.Run();
        CollectionAssert.AreNotEqual(first, y, "The input's array was changed.");
        FormulaWeights.Input("x", 3 * S * S).CopyTo(x, 0);
        run.Run();
        CollectionAssert.AreEqual(first, y, "Bit by bit: nothing is left of other runs.");
    }

    [TestMethod]
    public void ABatchIsItsRows()
    {
        (float[] x, float[] both) = (FormulaWeights.Input("x", 2 * 3 * S * S), new float[2 * 4 * S * S]);
        using NetworkSession session = NetworkSession.Open(s_onnx, "small.onnx");
        using NetworkRun run = session.CreateRun(("X", x, [2, 3, S, S]), ("Y", both, [2, 4, S, S]));
        run.Run();
        for (int row = 0; row < 2; row++)
            Fixture.AreClose(Compute(session, x[(row * 3 * S * S)..][..(3 * S * S)]), both.AsSpan(row * 4 * S * S, 4 * S * S), 1e-6,
                $"row {row}");
    }

    [TestMethod]
    public void ARunAllocatesNextToNothing()
    {
        using NetworkSession session = NetworkSession.Open(s_onnx, "small.onnx");
        using NetworkRun run = session.CreateRun(("X", new float[3 * S * S], [1, 3, S, S]), ("Y", new float[4 * S * S], [1, 4, S, S]));
        run.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            run.Run();
        // ONNX Runtime's binding allocates lists of handles and names in every run, but no tensors (the output has 4 KB).
        Assert.IsLessThan(2048, (GC.GetAllocatedBytesForCurrentThread() - before) / 10);
    }

    [TestMethod]
    public void ThreadsDoNotChangeTheResult()
    {
        float[] x = FormulaWeights.Input("x", 3 * S * S);
        using NetworkSession one = NetworkSession.Open(s_onnx, "small.onnx", new NetworkRuntimeOptions { IntraOpNumThreads = 1 });
        using NetworkSession two = NetworkSession.Open(s_onnx, "small.onnx",
            new NetworkRuntimeOptions { IntraOpNumThreads = 2, InterOpNumThreads = 2 });
        float[] expected = Compute(one, x);
        CollectionAssert.AreEqual(expected, Compute(two, x), "threads within an operator");
        float[][] results = new float[4][];
        Parallel.For(0, results.Length, i => results[i] = Compute(one, x));
        foreach (float[] result in results)
            CollectionAssert.AreEqual(expected, result, "runs side by side");
    }

    [TestMethod]
    public void TheNetworkIsReleasedWithItsLastOwner()
    {
        NetworkSession session = NetworkSession.Open(s_onnx, "small.onnx");
        float[] y = new float[4 * S * S];
        NetworkRun run = session.CreateRun(("X", FormulaWeights.Input("x", 3 * S * S), [1, 3, S, S]), ("Y", y, [1, 4, S, S]));
        session.Dispose();
        session.Dispose();
        run.Run();
        Assert.AreNotEqual(0, y[0], "A run that lives keeps the network.");
        run.Dispose();
        run.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(run.Run);
        Assert.ThrowsExactly<ObjectDisposedException>(() => session.CreateRun());
    }

    [TestMethod]
    public void MismatchesAreReported()
    {
        using NetworkSession session = NetworkSession.Open(s_onnx, "small.onnx");
        Fails("needs an input 'X'", ("Y", new float[4 * S * S], [1, 4, S, S]));
        Fails("no input or output 'Z'", X, ("Z", new float[1], [1]));
        Fails("'X' is [-1,3,-1,-1], but [1,4,16,16] was given", ("X", new float[4 * S * S], [1, 4, S, S]));
        Fails("does not have the 3 elements", ("X", new float[3], [1, 3, S, S]));
        // The output's buffer has a shape that the network does not produce.
        using NetworkRun run = session.CreateRun(X, ("Y", new float[4 * S], [1, 4, S, 1]));
        StringAssert.Contains(Assert.ThrowsExactly<LwgException>(run.Run).Message, "'small.onnx' failed");

        void Fails(string words, params (string, float[], long[])[] tensors) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => session.CreateRun(tensors)).Message, words);
    }

    [TestMethod]
    public void DamagedFilesAreNamed()
    {
        var random = new Random(1);
        byte[] noise = new byte[1000];
        random.NextBytes(noise);
        foreach (byte[] bytes in (byte[][])[[], [1], noise, s_onnx[..(s_onnx.Length / 2)], s_onnx[..^1],
            "<html>not found</html>"u8.ToArray()])
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => NetworkSession.Open(bytes, "damaged.onnx")).Message,
                "damaged.onnx", $"{bytes.Length} bytes");
        // A flipped bit can be in a weight, which is not detectable here; in all cases, only the typed error is thrown.
        for (int i = 0; i < 60; i++)
        {
            byte[] flipped = [.. s_onnx];
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                NetworkSession.Open(flipped, "flipped.onnx").Dispose();
            }
            catch (ModelFileException e)
            {
                StringAssert.Contains(e.Message, "flipped.onnx");
            }
        }
    }

    [TestMethod]
    public void AMissingDeviceIsReported()
    {
        var options = new NetworkRuntimeOptions { GpuDeviceId = 0 };
        string message = Assert.ThrowsExactly<LwgException>(() => NetworkSession.Open(s_onnx, "small.onnx", options)).Message;
        StringAssert.Contains(message, "Microsoft.ML.OnnxRuntime.Gpu");
        var warnings = new List<string>();
        using NetworkSession session = NetworkSession.Open(s_onnx, "small.onnx",
            options with { FallbackToCpu = true, Warn = warnings.Add });
        StringAssert.Contains(warnings.Single(), "The CPU is used");
        Assert.IsGreaterThan(0.1f, Compute(session, FormulaWeights.Input("x", 3 * S * S)).Max());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            NetworkSession.Open(s_onnx, "small.onnx", new NetworkRuntimeOptions { IntraOpNumThreads = 0 }));
    }

    private static (string, float[], long[]) X => ("X", new float[3 * S * S], [1, 3, S, S]);

    private static float[] Compute(NetworkSession session, float[] x)
    {
        float[] y = new float[4 * S * S];
        using NetworkRun run = session.CreateRun(("X", x, [1, 3, S, S]), ("Y", y, [1, 4, S, S]));
        run.Run();
        return y;
    }

    private static NetworkGraph Graph()
    {
        var g = new GraphBuilder("small");
        GraphValue x = g.Relu(g.InstanceNorm(g.Conv(g.Input("X", -1, 3, -1, -1), "a", 8, 3, padding: 1), "b"));
        g.Output(g.Tanh(g.Conv(x, "c", 4, 3, padding: 1)), "Y", -1, 4, -1, -1);
        return g.Build();
    }
}
