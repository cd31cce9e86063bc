using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Tests.Checkpoints;

[TestClass]
public class NumpyArrayTests
{
    // The same values in every type that can be read; unsigned types without the sign.
    public static IEnumerable<object[]> Types()
    {
        int[] values = [0, 1, -3, 100, 7, -128];
        foreach (bool big in (bool[])[false, true])
        {
            yield return [big, "f2", values, Bytes(values, v => BitConverter.GetBytes((Half)v), big)];
            yield return [big, "f4", values, Bytes(values, v => BitConverter.GetBytes((float)v), big)];
            yield return [big, "f8", values, Bytes(values, v => BitConverter.GetBytes((double)v), big)];
            yield return [big, "i1", values, Bytes(values, v => [(byte)v], big)];
            yield return [big, "i2", values, Bytes(values, v => BitConverter.GetBytes((short)v), big)];
            yield return [big, "i4", values, Bytes(values, BitConverter.GetBytes, big)];
            yield return [big, "i8", values, Bytes(values, v => BitConverter.GetBytes((long)v), big)];
            int[] positive = [.. values.Select(Math.Abs)];
            yield return [big, "u1", positive, Bytes(positive, v => [(byte)v], big)];
            yield return [big, "u2", positive, Bytes(positive, v => BitConverter.GetBytes((ushort)v), big)];
            yield return [big, "u4", positive, Bytes(positive, v => BitConverter.GetBytes((uint)v), big)];
            yield return [big, "u8", positive, Bytes(positive, v => BitConverter.GetBytes((ulong)v), big)];
            int[] flags = [0, 1, 1, 0, 1, 0];
            yield return [big, "b1", flags, Bytes(flags, v => [(byte)v], big)];
        }
    }

    [TestMethod]
    [DynamicData(nameof(Types))]
    public void EveryTypeCanBeRead(bool bigEndian, string type, int[] values, byte[] elements)
    {
        foreach (byte version in (byte[])[1, 2, 3])
        {
            NumpyArray array = Read(NumpyBytes.Make($"'{(bigEndian ? '>' : '<')}{type}'", "False", "(2, 3)", elements, version));
            CollectionAssert.AreEqual((int[])[2, 3], array.Shape);
            Assert.AreEqual(type, array.ElementType);
            CollectionAssert.AreEqual(values, array.ToInt32s(2, -1));
            CollectionAssert.AreEqual(values.Select(v => (float)v).ToArray(), array.ToSingles());
        }
    }

    [TestMethod]
    public void FortranOrderIsTurned()
    {
        // Element (a, b, c) = 100 a + 10 b + c of shape (2, 3, 4), the first index fastest.
        var elements = new List<byte>();
        for (int c = 0; c < 4; c++)
        {
            for (int b = 0; b < 3; b++)
            {
                for (int a = 0; a < 2; a++)
                    elements.AddRange(BitConverter.GetBytes(100 * a + 10 * b + c));
            }
        }
        int[] values = Read(NumpyBytes.Make("'<i4'", "True", "(2, 3, 4)", [.. elements])).ToInt32s(2, 3, 4);
        CollectionAssert.AreEqual(Enumerable.Range(0, 24).Select(i => 100 * (i / 12) + 10 * (i / 4 % 3) + i % 4).ToArray(), values);
    }

    [TestMethod]
    public void ScalarsEmptyArraysAndOldShapesCanBeRead()
    {
        Assert.AreEqual(5, Read(NumpyBytes.Make("'|u1'", "False", "()", [5])).ToInt32s()[0]);
        Assert.AreEqual(0, Read(NumpyBytes.Make("'<f4'", "False", "(0, 3)", [])).ToSingles(-1, 3).Length);
        Assert.AreEqual(6, Read(NumpyBytes.Make("'|u1'", "False", "(2L, 3L)", new byte[6])).Length);
        Assert.AreEqual(-1, Read(NumpyBytes.Make("'<u4'", "False", "(1,)", BitConverter.GetBytes(uint.MaxValue))).ToInt32s()[0],
            "SMPL's root parent");
    }

    [TestMethod]
    public void WrittenDataAreReadBack()
    {
        float[] floats = [1.5f, -0f, float.Epsilon, float.MaxValue, 3, 4];
        using var stream = new MemoryStream();
        NumpyArray.Write(stream, floats, 3, 2);
        Assert.AreEqual(0, (stream.Length - 24) % 64, "elements start at a multiple of 64 bytes");
        CollectionAssert.AreEqual(floats, Read(stream.ToArray()).ToSingles(3, 2));
        using var second = new MemoryStream();
        NumpyArray.Write(second, (int[])[int.MinValue, -1, int.MaxValue], 3);
        CollectionAssert.AreEqual((int[])[int.MinValue, -1, int.MaxValue], Read(second.ToArray()).ToInt32s(3));
        Assert.ThrowsExactly<ArgumentException>(() => NumpyArray.Write(Stream.Null, floats, 5));
    }

    [TestMethod]
    public void CutAnywhereItIsRefused()
    {
        byte[] whole = NumpyBytes.Make("'<f8'", "False", "(3, 2)", new byte[48]);
        for (int length = 0; length < whole.Length; length++)
            Refused(whole[..length]);
        Read(whole);
    }

    [TestMethod]
    // An object array, a structure, text, complex numbers, dates: none of them are plain numbers.
    [DataRow("'|O'", "False", "(2,)")]
    [DataRow("'O8'", "False", "(2,)")]
    [DataRow("[('x', '<f4')]", "False", "(2,)")]
    [DataRow("'<U4'", "False", "(2,)")]
    [DataRow("'<c8'", "False", "(2,)")]
    [DataRow("'<M8[ns]'", "False", "(2,)")]
    [DataRow("'<f16'", "False", "(2,)")]
    [DataRow("'<f0'", "False", "(2,)")]
    [DataRow("'<f4'", "Perhaps", "(2,)")]
    [DataRow("'<f4'", "False", "(-2,)")]
    [DataRow("'<f4'", "False", "(2, x)")]
    [DataRow("'<f4'", "False", "2")]
    [DataRow("'<f4'", "False", "(1, 1, 1, 1, 1, 1, 1, 1, 1)")]
    public void OtherHeadersAreRefused(string descr, string fortran, string shape) =>
    Refused(NumpyBytes.Make(descr, fortran, shape, new byte[64]));

    [TestMethod]
    [DataRow("(1000000000,)")]
    [DataRow("(2147483647, 2147483647)")]
    [DataRow("(2147483647, 2147483647, 2147483647, 2147483647, 2147483647)")]
    [DataRow("(4294967296, 4294967296)")]
    [DataRow("(65536, 65536)")]
    [DataRow("(99999999999999999999,)")]
    public void FalseHeadersAreRefusedWithoutAllocatingMemory(string shape)
    {
        byte[] bytes = NumpyBytes.Make("'<f8'", "False", shape, new byte[64]);
        // Once as a file, once as an entry of an archive that also claims a wrong size.
        foreach (long limit in (long[])[bytes.Length, int.MaxValue])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            using var stream = new MemoryStream(bytes);
            Assert.ThrowsExactly<ModelFileException>(() => NumpyArray.Read(stream, "file", "entry", limit));
            Assert.IsLessThan(4 << 20, GC.GetAllocatedBytesForCurrentThread() - before, "bytes allocated");
        }
    }

    [TestMethod]
    public void NumbersThatDoNotFitAreRefused()
    {
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            NumpyArray array = Read(NumpyBytes.Make("'<f4'", "False", "(2,)",
                [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(bad)]));
            Assert.Contains("element 1", Assert.ThrowsExactly<ModelFileException>(() => array.ToSingles()).Message);
            Assert.ThrowsExactly<ModelFileException>(() => array.ToInt32s());
        }
        Assert.ThrowsExactly<ModelFileException>(() =>
            Read(NumpyBytes.Make("'<f8'", "False", "(1,)", BitConverter.GetBytes(1e300))).ToSingles());
        Assert.ThrowsExactly<ModelFileException>(() =>
            Read(NumpyBytes.Make("'<f8'", "False", "(1,)", BitConverter.GetBytes(1.5))).ToInt32s());
        Assert.ThrowsExactly<ModelFileException>(() =>
            Read(NumpyBytes.Make("'<i8'", "False", "(1,)", BitConverter.GetBytes(1L << 40))).ToInt32s());
    }

    [TestMethod]
    public void AnotherShapeIsRefusedWithBothShapesNamed()
    {
        NumpyArray array = Read(NumpyBytes.Make("'|u1'", "False", "(2, 3)", new byte[6]));
        string message = Assert.ThrowsExactly<ModelFileException>(() => array.ToSingles(-1, 4)).Message;
        Assert.Contains("[2, 3]", message);
        Assert.Contains("[any, 4]", message);
        Assert.ThrowsExactly<ModelFileException>(() => array.ToInt32s(6));
    }

    [TestMethod]
    public void FilesThatAreNotArraysAreRefusedByName()
    {
        using var folder = new TemporaryFolder();
        string text = folder.Write("notes.npy", "these are notes, not numbers"u8.ToArray()), empty = folder.Write("empty.npy", []);
        foreach (string path in (string[])[text, empty, Path.Combine(folder.Path, "missing.npy"), folder.Path])
        {
            ModelFileException e = Assert.ThrowsExactly<ModelFileException>(() => NumpyArray.Load(path));
            Assert.AreEqual(path, e.File);
        }
    }

    private static NumpyArray Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return NumpyArray.Read(stream, "file", "entry", bytes.Length);
    }

    private static void Refused(byte[] bytes)
    {
        ModelFileException e = Assert.ThrowsExactly<ModelFileException>(() => Read(bytes));
        Assert.AreEqual(("file", "entry"), (e.File, e.Entry));
    }

    private static byte[] Bytes(int[] values, Func<int, byte[]> encode, bool bigEndian) =>
        [.. values.SelectMany(v => bigEndian ? encode(v).Reverse() : encode(v))];
}
