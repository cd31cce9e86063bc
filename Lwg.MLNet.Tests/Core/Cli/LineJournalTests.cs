using Lwg.MLNet.Apps;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public class LineJournalTests
{
    [TestMethod]
    public void LinesAreReadAgainAndAnIncompleteOneIsRemoved()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "journal");
        using (var journal = new LineJournal(path))
        {
            Assert.IsEmpty(journal.Lines);
            journal.Add("one");
            journal.Add("zwei – ü");
            Assert.ThrowsExactly<IOException>(() => new LineJournal(path).Dispose(), "a second process");
        }
        File.AppendAllText(path, "thr");
        using (var journal = new LineJournal(path))
        {
            CollectionAssert.AreEqual(new[] { "one", "zwei – ü" }, journal.Lines.ToArray());
            journal.Add("three");
        }
        Assert.AreEqual("one\nzwei – ü\nthree\n", File.ReadAllText(path));
    }

    [TestMethod]
    [DataRow(0, "new\n")]
    [DataRow(1, "a\nnew\n")]
    [DataRow(3, "a\nb\n\nnew\n")]
    public void LinesAfterTheFirstOnesAreRemoved(int count, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("journal", "a\nb\n\n"u8.ToArray());
        using (var journal = new LineJournal(path))
        {
            journal.Keep(count);
            Assert.HasCount(count, journal.Lines);
            journal.Add("new");
        }
        Assert.AreEqual(expected, File.ReadAllText(path));
    }
}
