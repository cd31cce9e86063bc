using System.Text;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch.Convolutions;

/// <summary>Tests the cache between processes: used if it is intact, ignored otherwise.</summary>
[TestClass]
public sealed class ConvolutionCacheTests
{
    private const string Machine = "a processor with 8 threads";

    private static readonly ConvolutionShape s_shape =
        new(false, 1, 2, 3, (5, 5), (3, 3), (1, 1), (1, 1), (1, 1), (0, 0), 1, false, ScalarType.Float32);

    // The unfolded implementation under libtorch's name: correct on every processor.
    private static IReadOnlyList<ConvolutionWay> Ways => [new WrongConvolution(ConvolutionWay.All[^1], Fault.Input, s => s.Inputs == 7)];

    [TestMethod]
    public void CheckedConvolutionsAreNotCheckedAgain()
    {
        using var folder = new TemporaryFolder();
        ConvolutionReport first = Check(folder, s_shape, s_shape with { Outputs = 4 }),
            second = Check(folder, s_shape, s_shape with { Outputs = 4 }, s_shape with { Outputs = 5 });
        Assert.AreEqual((2, 0), (first.Checked, first.Remembered));
        Assert.AreEqual((1, 2), (second.Checked, second.Remembered));
        Assert.HasCount(3, second.Choices);
        StringAssert.Contains(first.Lines.Single(), "2 checked now");
        StringAssert.Contains(first.Lines.Single(), first.File);
        StringAssert.Contains(second.Lines.Single(), "1 checked now");
        StringAssert.Contains(second.Lines.Single(), "2 from an earlier check");
        Assert.AreEqual(0, Check(folder, s_shape with { Outputs = 5 }).Checked);
    }

    [TestMethod]
    public void ConvolutionsWithoutACorrectImplementationAreNotCached()
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 2; i++)
        {
            ConvolutionReport report = Check(folder, s_shape with { Inputs = 7 });
            Assert.AreEqual((1, 0), (report.Checked, report.Remembered));
            Assert.HasCount(1, report.Hopeless);
        }
    }

    [TestMethod]
    public void AnotherMachineHasAnotherFile()
    {
        using var folder = new TemporaryFolder();
        Check(folder, s_shape);
        Assert.AreEqual(1, new ConvolutionChoices(CPU, Ways, new ConvolutionCache(folder.Path, Machine + "2")).Check([s_shape],
            default).Checked);
        Assert.HasCount(2, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void ADamagedFileIsIgnoredAndWrittenAnew()
    {
        using var folder = new TemporaryFolder();
        string file = Check(folder, s_shape).File!;
        byte[] whole = File.ReadAllBytes(file);
        var expected = new ConvolutionCache(folder.Path, Machine).Read();
        Assert.HasCount(1, expected);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x15;
            File.WriteAllBytes(file, damaged);
            var read = new ConvolutionCache(folder.Path, Machine).Read();
            // Spaces between values have no meaning.
            Assert.IsTrue(read.Count == 0 || read.SequenceEqual(expected), $"byte {at}");
        }
        foreach (string text in (string[])[$"{{\"Format\":1,\"Machine\":\"{Machine}\",\"Entries\":[null],\"Hash\":\"0\"}}",
            $"{{\"Format\":1,\"Machine\":\"{Machine}\",\"Entries\":[{{}}],\"Hash\":\"0\"}}", "", "{", "null", "[]", "{\"Format\":1}",
            "{\"Format\":2,\"Entries\":[null]}", new string('[', 100_000), new string(' ', 5 << 20)])
        {
            File.WriteAllText(file, text);
            Assert.IsEmpty(new ConvolutionCache(folder.Path, Machine).Read(), text.Length > 50 ? $"{text.Length} characters" : text);
        }
        Assert.AreEqual(1, Check(folder, s_shape).Checked);
        CollectionAssert.AreEqual(whole, File.ReadAllBytes(file));
    }

    [TestMethod]
    public void AnUnknownImplementationIsChosenAgain()
    {
        using var folder = new TemporaryFolder();
        var cache = new ConvolutionCache(folder.Path, Machine);
        Assert.IsNull(cache.Add([new ConvolutionChoice(s_shape,
            new PaddedConvolution("a way of another version", c => c + 1, ConvolutionWay.All[^1]), "")]));
        Assert.HasCount(1, cache.Read());
        Assert.AreEqual((1, 0), (Check(folder, s_shape) is var report ? report.Checked : 0, report.Remembered));
    }

    [TestMethod]
    public void TheSizeOfTheFileIsLimited()
    {
        using var folder = new TemporaryFolder();
        var cache = new ConvolutionCache(folder.Path, Machine);
        cache.Add(Enumerable.Range(1, 5000)
            .Select(i => new ConvolutionChoice(s_shape with { Batch = i }, ConvolutionWay.All[0], new string('x', 3000))));
        Dictionary<string, (string Way, string Wrong)> read = cache.Read();
        Assert.IsTrue(read.Count is > 0 and <= 4096, $"{read.Count}");
        Assert.IsTrue(read.ContainsKey((s_shape with { Batch = 5000 }).ToString()), "the latest stay");
        Assert.IsLessThanOrEqualTo(4L << 20, new FileInfo(cache.Path).Length);
    }

    [TestMethod]
    public void AFailedWriteIsReported()
    {
        using var folder = new TemporaryFolder();
        string taken = folder.Write("taken", Encoding.UTF8.GetBytes("a file where a folder should be"));
        ConvolutionReport report = new ConvolutionChoices(CPU, Ways, new ConvolutionCache(taken, Machine)).Check([s_shape], default);
        Assert.AreEqual(1, report.Checked);
        StringAssert.Contains(report.Lines.Single(), "cannot be written");
    }

    [TestMethod]
    public void TheMachineIsNamedAlike()
    {
        string machine = ConvolutionMachine.Identity(CPU)!;
        Assert.AreEqual(machine, ConvolutionMachine.Identity(CPU));
        StringAssert.Contains(machine, "libtorch");
        StringAssert.Contains(machine, $"{get_num_threads()} threads");
    }

    private static ConvolutionReport Check(TemporaryFolder folder, params ConvolutionShape[] shapes) =>
        new ConvolutionChoices(CPU, Ways, new ConvolutionCache(folder.Path, Machine)).Check(shapes, default);
}
