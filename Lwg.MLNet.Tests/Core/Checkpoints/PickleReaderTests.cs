using System.Text;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Tests pickles that try to run code, that exhaust memory, or that are damaged.</summary>
[TestClass]
public class PickleReaderTests
{
    private const string File = "evil.pkl";

    // The three ways in which a pickle names and calls a function, and the way through a class.
    public static IEnumerable<object[]> Attacks()
    {
        foreach (string name in (string[])["os system", "posix system", "nt system", "builtins eval", "builtins exec", "__builtin__ eval",
            "builtins getattr", "subprocess Popen", "numpy load", "torch load"])
        {
            string[] parts = name.Split(' ');
            string full = $"{parts[0]}.{parts[1]}";
            yield return ["GLOBAL", full, Latin($"c{parts[0]}\n{parts[1]}\n(S'touch x'\ntR.")];
            yield return ["INST", full, Latin($"(S'touch x'\ni{parts[0]}\n{parts[1]}\n.")];
            yield return ["OBJ", full, Latin($"(c{parts[0]}\n{parts[1]}\nS'touch x'\no.")];
            yield return ["STACK_GLOBAL", full,
                Latin($"\x80\x04\x8c{(char)parts[0].Length}{parts[0]}\x8c{(char)parts[1].Length}{parts[1]}\x93\x8c\x01x\x85R.")];
        }
    }

    [TestMethod]
    [DynamicData(nameof(Attacks))]
    public void NamesOutsideTheTableAreRefusedByName(string way, string name, byte[] pickle)
    {
        ModelFileException e = Refused(pickle);
        Assert.Contains($"'{name}'", e.Message, way);
    }

    [TestMethod]
    public void ATextWithManyCopiesIsRefused()
    {
        PickleWriter pickle = new PickleWriter().Global("_codecs", "encode").Op("q\x01").Text(new string('x', 1 << 20)).Op("q\0(");
        for (int i = 0; i < 5000; i++)
            pickle.Op("h\x01h\0").Text("latin1").Op([0x86, (byte)'R']);
        byte[] bytes = pickle.End();
        // The limit is four times the file and a megabyte of copies; the texts take up to five times their size while they are read.
        Assert.Contains("copies its strings too often", Refused(bytes, bound: 12 * bytes.Length).Message);
    }

    [TestMethod]
    public void AListConvertedToManyDictionariesIsRefused()
    {
        PickleWriter pickle = new PickleWriter().Global("collections", "OrderedDict").Op("q\x01]q\0(");
        pickle.Op("K\x01K\x01\x86q\x02");
        for (int i = 0; i < 100_000; i++)
            pickle.Op("h\x02");
        pickle.Op("e(");
        for (int i = 0; i < 1000; i++)
            pickle.Op("h\x01h\0\x85R");
        Assert.Contains("objects", Refused(pickle.End(), bound: 64 << 20).Message);
    }

    [TestMethod]
    [DataRow(50_000, false)]
    [DataRow(3, false)]
    [DataRow(1, false)]
    [DataRow(3, true)]
    public void APairOfAnOrderedDictIsTwoElements(int length, bool tuple)
    {
        // A list (or tuple) of many elements, and an OrderedDict of which each pair is that list: copying it at every reference took
        // minutes.
        PickleWriter pickle = new PickleWriter().Op(tuple ? "(" : "](").Op(string.Concat(Enumerable.Repeat("K\x01", length)))
            .Op(tuple ? "t" : "e").Op("q\0");
        pickle.Global("collections", "OrderedDict").Op("](").Op(string.Concat(Enumerable.Repeat("h\0", 50_000))).Op("e\x85R");
        Assert.Contains($"has {length} elements; two are allowed", Refused(pickle.End(), bound: 16 << 20).Message);
    }

    [TestMethod]
    public void PairsOfAnOrderedDictAreTuplesOrLists()
    {
        var read = (PickledDictionary)Read(new PickleWriter().Global("collections", "OrderedDict").Op("](").Op("K\x01K\x02\x86")
            .Op("](K\x03K\x04").Op("e").Op("e\x85R").End())!;
        Assert.AreEqual((2, 2L, 4L), (read.Count, read[1L], read[3L]));
    }

    // A key is hashed at every use: thousands of uses of a long key would take time quadratic in the file size.
    [TestMethod]
    [DataRow("u")]
    [DataRow("s")]
    [DataRow("OrderedDict")]
    public void LongKeysAreRefused(string way)
    {
        string longest = new('k', 1024), longer = new('k', 1025);
        Assert.HasCount(1, (PickledDictionary)Read(With(longest))!);
        Assert.Contains("a key of a dictionary in it has 1025 characters, which is longer than the 1024 that are allowed",
            Refused(With(longer)).Message);

        byte[] With(string key) => way switch
        {
            "u" => new PickleWriter().Op("}(").Text(key).Op("Nu").End(),
            "s" => new PickleWriter().Op("}").Text(key).Op("Ns").End(),
            _ => new PickleWriter().Global("collections", "OrderedDict").Op("](").Text(key).Op("N\x86").Op("e\x85R").End(),
        };
    }

    [TestMethod]
    public void MillionsOfObjectsAreTooMany()
    {
        byte[] pickle = new byte[5_000_000];
        Array.Fill(pickle, (byte)'N');
        Assert.Contains("objects", Refused(pickle, bound: 128 << 20).Message);
    }

    [TestMethod]
    public void DeepNestingNeedsNoStack()
    {
        byte[] pickle = Latin(new string(']', 200_000) + new string('a', 199_999) + ".");
        Assert.IsInstanceOfType<List<object?>>(Read(pickle));
        pickle = Latin(new string('(', 200_000) + new string('t', 200_000) + ".");
        Assert.IsInstanceOfType<PickledTuple>(Read(pickle));
    }

    [TestMethod]
    [DataRow("T\xff\xff\xff\x7f")]
    [DataRow("X\xff\xff\xff\xff")]
    [DataRow("B\xff\xff\xff\xff")]
    [DataRow("\x8d\xff\xff\xff\xff\xff\xff\xff\x7f")]
    [DataRow("\x8d\xff\xff\xff\xff\xff\xff\xff\xff")]
    [DataRow("\x8e\0\0\0\0\x01\0\0\0")]
    [DataRow("\x8e\0\0\0\0\0\0\0\x80")]
    [DataRow("\x96\xff\xff\xff\xff\xff\xff\xff\xff")]
    public void ClaimedLengthsBeyondTheFileTakeNoMemory(string start) =>
    Assert.Contains("claims", Refused(Latin(start + "abc."), bound: 1 << 18).Message);

    [TestMethod]
    public void NumbersOfThousandsOfDigitsAreRefused()
    {
        foreach (string op in (string[])["L", "I", "F", "g", "p"])
            Assert.Contains("digits", Refused(Latin("N" + op + new string('9', 100_000) + "\n."), bound: 1 << 20).Message);
        Assert.Contains("64 bytes", Refused(Latin("\x8b\0\x01\0\0" + new string('9', 256) + ".")).Message);
        Assert.Contains("memo index", Refused(Latin("Nr\xff\xff\xff\xff.")).Message);
    }

    [TestMethod]
    public void EveryOperationOnWrongObjectsIsRefusedOrHarmless()
    {
        foreach (string stack in (string[])["", "N", "NN", "NNN", "(", "(N", "((", "]N", "}N", "}(N", ")N", "(l", "(]N", "N)", "K\x01K\x01",
            "N(", "\x8f(NN", "(\x91(N", "ccollections\nOrderedDict\nN", "ccollections\nOrderedDict\n](N",
            "ccollections\nOrderedDict\n](Nl\x85"])
        {
            for (int op = 0; op < 256; op++)
            {
                foreach (string rest in (string[])["", ".", "\0\0\0\0\0\0\0\0.", "1\n1\n."])
                {
                    byte[] pickle = Latin(stack + (char)op + rest);
                    try
                    {
                        Read(pickle);
                    }
                    catch (ModelFileException)
                    {
                        // Expected.
                    }
                }
            }
        }
    }

    [TestMethod]
    public void CutAnywhereItIsRefused()
    {
        foreach (string name in (string[])["pose_shape", "pose_shape_protocol4", "pose_shape_py2", "pose_shape_py2_protocol0"])
        {
            byte[] whole = System.IO.File.ReadAllBytes(Fixture.PathOf($"motion/{name}.pkl"));
            for (int length = 0; length < whole.Length; length += length < 300 ? 1 : 7)
                Refused(whole[..length]);
        }
    }

    [TestMethod]
    public void AllProtocolsGiveTheSameResult()
    {
        // {'a': 1, 'b': [True, None, 1.5], 'c': (2**40, -3)} in protocols 0, 2 and 4.
        string[] pickles =
        [
            "(dp0\nVa\np1\nI1\nsVb\np2\n(lp3\nI01\naNaF1.5\nasVc\np4\n(L1099511627776L\nI-3\ntp5\ns.",
            "\x80\x02}q\0(X\x01\0\0\0aq\x01K\x01X\x01\0\0\0bq\x02]q\x03(\x88"
            + "NG?\xf8\0\0\0\0\0\0eX\x01\0\0\0cq\x04\x8a\x06\0\0\0\0\0\x01J\xfd\xff\xff\xff\x86q\x05u.",
            "\x80\x04\x95\x2b\0\0\0\0\0\0\0}\x94(\x8c\x01" + "a\x94K\x01\x8c\x01" + "b\x94]\x94(\x88NG?\xf8\0\0\0\0\0\0e\x8c\x01"
            + "c\x94\x8a\x06\0\0\0\0\0\x01J\xfd\xff\xff\xff\x86\x94u.",
        ];
        foreach (string pickle in pickles)
        {
            var dictionary = (PickledDictionary)Read(Latin(pickle))!;
            Assert.AreEqual(1L, dictionary["a"]);
            CollectionAssert.AreEqual(new object?[] { true, null, 1.5 }, (List<object?>)dictionary["b"]!);
            CollectionAssert.AreEqual(new object?[] { 1L << 40, -3L }, ((PickledTuple)dictionary["c"]!).Items);
        }
    }

    private static object? Read(byte[] pickle) =>
        PickleReader.Read(new MemoryStream(pickle), File, new ReadBudget(File, pickle.Length, PickleFile.Ratio));

    private static ModelFileException Refused(byte[] pickle, long bound = 1 << 24)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelFileException e = Assert.ThrowsExactly<ModelFileException>(() => Read(pickle));
        Assert.IsLessThan(bound, GC.GetAllocatedBytesForCurrentThread() - before, "bytes allocated");
        Assert.AreEqual(File, e.File);
        return e;
    }

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
