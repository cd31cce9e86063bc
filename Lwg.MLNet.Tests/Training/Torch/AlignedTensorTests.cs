using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lwg.MLNet.Training.Torch;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch;

/// <summary>Tests that tensors of arrays are in aligned memory, which makes results the same in every run.</summary>
[TestClass]
public sealed class AlignedTensorTests
{
    // libtorch aligns its own memory to 64 bytes; arrays of .NET are aligned to 8.
    private const int Alignment = 64;

    [TestMethod]
    public void ArraysAreCopiedToAlignedMemory()
    {
        List<float[]> kept = [];
        for (int length = 1; length < 200; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(i => i * 0.5f)];
            kept.Add(values);
            using Tensor copy = AlignedTensor.Of(values);
            Assert.AreEqual(0, AddressOf(copy) % Alignment, $"{length} values");
            CollectionAssert.AreEqual(values, copy.data<float>().ToArray());
            values[0] = -1;
            Assert.AreEqual(0f, copy[0].item<float>(), "A later change of the array changes nothing.");
        }
    }

    private static long AddressOf(Tensor tensor) =>
        Unsafe.ByteOffset(in Unsafe.NullRef<byte>(), in MemoryMarshal.GetReference(tensor.bytes));
}
