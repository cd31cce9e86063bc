using System.Text.Json;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Compares checkpoints that PyTorch wrote, in both formats, with their known values.</summary>
[TestClass]
public class TorchCheckpointFixtureTests
{
    private static readonly Dictionary<string, Expected> s_expected =
        JsonSerializer.Deserialize<Dictionary<string,
        Expected>>(File.ReadAllBytes(Fixture.PathOf("checkpoints_reader.json")), JsonSerializerOptions.Web)!;

    [TestMethod]
    [DataRow("checkpoints_reader_legacy.pth")]
    [DataRow("checkpoints_reader_zip.pth")]
    [DataRow("checkpoints_nested_legacy.pth")]
    [DataRow("checkpoints_nested_zip.pth")]
    public void EveryTensorComesOutExactly(string file)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(Fixture.PathOf(file));
        CollectionAssert.AreEquivalent(s_expected.Keys, checkpoint.Names.ToArray());
        foreach (TorchTensor tensor in checkpoint.Tensors)
        {
            Expected expected = s_expected[tensor.Name];
            CollectionAssert.AreEqual(expected.Shape, tensor.Shape, tensor.Name);
            Assert.AreEqual(expected.Dtype, tensor.ElementType, tensor.Name);
            CollectionAssert.AreEqual(expected.Values, checkpoint.Read(tensor.Name), tensor.Name);
            float[] again = new float[tensor.Count];
            checkpoint.Read(tensor.Name, again);
            CollectionAssert.AreEqual(expected.Values, again, tensor.Name);
        }
    }

    [TestMethod]
    [DataRow("checkpoints_nested_legacy.pth")]
    [DataRow("checkpoints_nested_zip.pth")]
    public void ThePrefixOfSeveralDevicesIsKeptByOption(string file)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(Fixture.PathOf(file), stripModule: false);
        CollectionAssert.AreEquivalent(s_expected.Keys.Select(k => "module." + k).ToArray(), checkpoint.Names.ToArray());
        CollectionAssert.AreEqual(s_expected["a.weight"].Values, checkpoint.Read("module.a.weight"));
    }

    [TestMethod]
    public void WrongNamesAndRoomAreRefused()
    {
        string path = Fixture.PathOf("checkpoints_reader_zip.pth");
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        ModelFileException e = Assert.ThrowsExactly<ModelFileException>(() => checkpoint.Read("a.bias"));
        Assert.AreEqual((path, "a.bias"), (e.File, e.Entry));
        Assert.IsFalse(checkpoint.TryGetShape("a.bias", out _));
        Assert.IsTrue(checkpoint.TryGetShape("g.empty", out int[] shape));
        CollectionAssert.AreEqual((int[])[0, 3], shape);
        Assert.ThrowsExactly<ArgumentException>(() => checkpoint.Read("a.weight", new float[23]));
    }

    private sealed record Expected(int[] Shape, string Dtype, float[] Values);
}
