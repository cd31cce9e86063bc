using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks;

[TestClass]
public sealed class OnnxWeightsTests
{
    private static readonly NetworkGraph s_graph = GeneratorNetwork.BuildTransfer(new GeneratorShape { Width = 2, Blocks = 1 });

    [TestMethod]
    [DataRow(WeightStorage.Full)]
    [DataRow(WeightStorage.Half)]
    public void WrittenWeightsAreReadBack(WeightStorage storage)
    {
        byte[] file = OnnxRun.File(s_graph, FormulaWeights.For(s_graph), storage);
        OnnxWeights weights = OnnxWeights.Read(file, "file");
        Assert.AreEqual(storage, weights.Storage);
        Assert.IsTrue(WeightReport.Compare([s_graph], weights).IsComplete);
        CollectionAssert.AreEqual(file, OnnxRun.File(s_graph, weights, storage), "Written again, byte for byte.");
    }

    [TestMethod]
    public void AnInvalidFileIsRefused()
    {
        byte[] file = OnnxRun.File(s_graph, FormulaWeights.For(s_graph));
        foreach (int length in (int[])[1, 20, file.Length / 2, file.Length - 1])
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
                OnnxWeights.Read(file.AsMemory(0, length), "file")).Message, "truncated");
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
            OnnxWeights.Read(file, "file").Read("nobody", new float[1])).Message, "nobody");
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
            OnnxWeights.Read(file, "file").Read(s_graph.Weights[0].Name, new float[1])).Message, "are required");
    }
}
