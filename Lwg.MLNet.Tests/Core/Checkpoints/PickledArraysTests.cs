using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Tests invalid arrays in pickles; valid ones are in the fixtures.</summary>
[TestClass]
public class PickledArraysTests
{
    // [[0, 2, 0], [1, 0, 3]] by columns and by rows.
    private static PickledCall Columns => Sparse("csc", [2, 3], [1, 2, 3], [1, 0, 1], [0, 1, 2, 3]);

    private static PickledCall Rows => Sparse("csr", [2, 3], [2, 1, 3], [1, 0, 2], [0, 1, 3]);

    [TestMethod]
    public void SparseMatricesBecomeDense()
    {
        foreach (PickledCall matrix in (PickledCall[])[Columns, Rows])
            CollectionAssert.AreEqual((float[])[0, 2, 0, 1, 0, 3], ToArray(matrix).ToSingles(2, 3));
        Assert.AreEqual(0, ToArray(Sparse("csc", [0, 2], [], [], [0, 0, 0])).Length);
    }

    [TestMethod]
    public void WrongSparseMatricesAreRefused()
    {
        Refused("row 2", Sparse("csc", [2, 3], [1, 2, 3], [1, 2, 1], [0, 1, 2, 3]));
        Refused("row -1", Sparse("csc", [2, 3], [1, 2, 3], [1, -1, 1], [0, 1, 2, 3]));
        Refused("column 3", Sparse("csr", [2, 3], [2, 1, 3], [3, 0, 2], [0, 1, 3]));
        Refused("from 2 to 1", Sparse("csc", [2, 3], [1, 2, 3], [1, 0, 1], [0, 2, 1, 3]));
        Refused("from 2 to 4", Sparse("csc", [2, 3], [1, 2, 3], [1, 0, 1], [0, 1, 2, 4]));
        Refused("from -1 to 1", Sparse("csc", [2, 3], [1, 2, 3], [1, 0, 1], [-1, 1, 2, 3]));
        Refused("[3]", Sparse("csc", [2, 3], [1, 2, 3], [1, 0], [0, 1, 2, 3]));
        Refused("[4]", Sparse("csc", [2, 3], [1, 2, 3], [1, 0, 1], [0, 1, 3]));
        Refused("[6]", Sparse("csc", [6], [1, 2, 3], [1, 0, 1], [0, 1, 2, 3]));
        Refused("at most", Sparse("csc", [1 << 20, 1 << 20], [], [], [0]));
        Refused("size", Sparse("csc", [-2, 3], [], [], [0]));
        Refused("at most", Sparse("csc", [0, int.MaxValue], [], [], [0]));
        Refused("at most", Sparse("csr", [int.MaxValue, 0], [], [], [0]));
        Refused("no shape", new PickledCall("scipy.sparse.csc.csc_matrix", []));
    }

    [TestMethod]
    public void WrongNumpyArraysAreRefused()
    {
        Refused("16 bytes", Numpy("f8", [3], new byte[16]));
        Refused("16 bytes", Numpy("f8", [int.MaxValue, int.MaxValue], new byte[16]));
        Refused("size", Numpy("f8", [-1, -2], new byte[16]));
        Refused("has 9 dimensions; at most 8", Numpy("f8", [1, 1, 1, 1, 1, 1, 1, 1, 2], new byte[16]));
        Refused("'O8'", Numpy("O8", [2], new byte[16]));
        Refused("a list", Numpy("f8", [2], new List<object?>()));
        Refused("numpy state", new PickledCall("numpy.core.multiarray._reconstruct", []));
        Refused("numpy number", new PickledCall("numpy.core.multiarray.scalar", []));
        Refused("numpy buffer", new PickledCall("numpy.core.numeric._frombuffer", [null]));
        Refused("None", null);
        Refused("a dictionary", new PickledDictionary());
    }

    [TestMethod]
    public void SelectionsAreCheckedAndBounded()
    {
        PickledCall of = Numpy("i4", [3], Bytes([7, 8, 9]));
        CollectionAssert.AreEqual((float[])[9, 7], ToArray(Select(of, 2, 0)).ToSingles(2));
        Refused("element 3", Select(of, 3));
        Refused("element -1", Select(of, -1));
        PickledCall shaped = Select(of, 2, 0);
        ((PickledDictionary)shaped.State!)["preferred_shape"] = Tuple([3]);
        Refused("[3]", shaped);
        // 2^64 elements overflow to 0, but are not 0.
        ((PickledDictionary)shaped.State!)["preferred_shape"] = Tuple([65536, 65536, 65536, 65536]);
        ((PickledDictionary)shaped.State!)["idxs"] = Numpy("i4", [0], Bytes([]));
        Refused("0 elements", shaped);
        PickledCall deep = of;
        for (int i = 0; i < 100_000; i++)
            deep = Select(deep, 2, 1, 0);
        Refused("deep", deep);
    }

    [TestMethod]
    public void AnArrayThatIsMadeOfItselfIsRefused()
    {
        var array = new PickledCall("chumpy.ch.Ch", []);
        array.State = new PickledDictionary { ["x"] = array };
        Refused("deep", array);
    }

    private static NumpyArray ToArray(object? value) =>
        new PickledArrays("file", new ReadBudget("file", 1000, PickleFile.Ratio)).ToArray(value, "m");

    private static void Refused(string part, object? value)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelFileException e = Assert.ThrowsExactly<ModelFileException>(() => ToArray(value), part);
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before, "bytes allocated");
        Assert.Contains(part, e.Message);
        Assert.AreEqual("file", e.File);
        Assert.StartsWith("m", e.Entry);
    }

    private static PickledCall Sparse(string kind, long[] shape, int[] data, int[] indices, int[] starts) =>
        new($"scipy.sparse.{kind}.{kind}_matrix", [])
    {
        State = new PickledDictionary { ["_shape"] = Tuple(shape), ["data"] = Numpy("i4", [data.Length], Bytes(data)),
        ["indices"] = Numpy("i4", [indices.Length], Bytes(indices)), ["indptr"] = Numpy("i4", [starts.Length], Bytes(starts)) },
    };

    private static PickledCall Select(PickledCall of, params int[] places) => new("chumpy.reordering.Select", [])
    {
        State = new PickledDictionary { ["a"] = of, ["idxs"] = Numpy("i4", [places.Length], Bytes(places)) },
    };

    private static PickledCall Numpy(string type, long[] shape, object data) => new("numpy.core.multiarray._reconstruct", [])
    {
        State = new PickledTuple([1L, Tuple(shape), new PickledCall("numpy.dtype", [type, 0L, 1L]) { State = new PickledTuple([3L, "<"]) },
        false, data]),
    };

    private static PickledTuple Tuple(long[] sizes) => new([.. sizes.Select(s => (object?)s)]);

    private static byte[] Bytes(int[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
