using System.Diagnostics;
using System.Globalization;

namespace Lwg.MLNet.Tests.Fuzzing;

/// <summary>
/// Runs readers on damaged files, the same in every run: each reader succeeds, or throws one of the allowed exceptions, whose message
/// names the file, and stays within the limits of memory and items. LWG_FUZZ_CASES sets the number of cases, starting at the number in
/// LWG_FUZZ_FIRST; then no case may take two seconds.
/// </summary>
internal sealed class FuzzRun(TestContext context, FuzzTarget[] targets)
{
    private const int UsualCases = 2000, MostFailures = 20;

    // A slow case is repeated, because it may be slow only due to other load on the machine.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2), s_hang = TimeSpan.FromMinutes(2);

    private readonly int _weights = targets.Sum(t => t.Weight);
    private readonly (int Read, int Refused, long Bytes)[] _counts = new (int, int, long)[targets.Length];
    private readonly List<string> _failures = [];
    private TimeSpan _slowest;

    /// <summary>Runs all cases.</summary>
    /// <param name="folder">The folder for the damaged files.</param>
    /// <param name="share">The share of the cases for this run, if several tests divide them.</param>
    public void Run(TemporaryFolder folder, double share = 1)
    {
        int? wanted = Setting("LWG_FUZZ_CASES");
        int first = Setting("LWG_FUZZ_FIRST") ?? 0, cases = Math.Max(1, (int)((wanted ?? UsualCases) * share));
        var clock = Stopwatch.StartNew();
        for (int i = first; i < first + cases; i++)
        {
            try
            {
                Case(folder, i, watched: wanted is not null);
            }
            catch (UnitTestAssertException e) when (_failures.Count < MostFailures)
            {
                // The other cases still run.
                _failures.Add(e.Message);
            }
            if ((i - first + 1) % 10_000 == 0)
                Console.Error.WriteLine($"{i - first + 1} cases, {clock.Elapsed.TotalMinutes:0.0} min");
        }
        for (int t = 0; t < targets.Length; t++)
            context.WriteLine($"{targets[t].Name}: {_counts[t].Read} read, {_counts[t].Refused} refused, at most "
                + $"{_counts[t].Bytes >> 10} KB");
        string failures = string.Join("\n\n", _failures);
        context.WriteLine($"{cases} cases from {first} in {clock.Elapsed.TotalMinutes:0.0} min: {_counts.Sum(c => c.Read)} read, "
            + $"{_counts.Sum(c => c.Refused)} refused; at most {_slowest.TotalMilliseconds:0} ms a case");
        Assert.AreEqual("", failures, "failures");
        if (cases >= 1000 * share && first == 0 && (wanted ?? UsualCases) >= UsualCases)
            Assert.AreEqual("", string.Join(", ", targets.Where((t, i) => _counts[i].Refused == 0 && !t.ReadsAnything).Select(t => t.Name)),
                "readers that refused nothing");
    }

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private void Case(TemporaryFolder folder, int number, bool watched)
    {
        var random = new Random(number);
        int t = 0;
        for (int pick = random.Next(_weights); pick >= targets[t].Weight; t++)
            pick -= targets[t].Weight;
        byte[] damaged = Mutation.Of(targets[t].Bytes, targets[random.Next(targets.Length)].Bytes, random);
        string path = folder.Write(targets[t].Name, damaged), what = $"case {number}, {targets[t].Name}";
        // A reader that does not end stops the run, with the number of its case.
        using Timer? watchdog = watched
            ? new Timer(_ => Environment.FailFast($"{what} has not ended after {s_hang.TotalSeconds} seconds."), null, s_hang,
            Timeout.InfiniteTimeSpan) : null;
        TimeSpan time = Once(t, path, damaged.Length, what);
        if (watched && time > s_longest)
        {
            folder.Write(targets[t].Name, damaged);
            time = Once(t, path, damaged.Length, what);
            Assert.IsLessThan(s_longest, time, $"{what}: slow twice");
        }
        _slowest = time > _slowest ? time : _slowest;
    }

    private TimeSpan Once(int t, string path, int length, string what)
    {
        FuzzTarget target = targets[t];
        long before = Allocated(target);
        var clock = Stopwatch.StartNew();
        try
        {
            long items = target.Read(path);
            _counts[t].Read++;
            Assert.IsLessThanOrEqualTo(length, items, $"{what}: every item takes a byte of the file");
        }
        catch (Exception e) when (target.Refusals.Contains(e.GetType()))
        {
            _counts[t].Refused++;
            Assert.Contains(target.Called ?? target.Name, e.Message, what);
            Assert.IsLessThan(20_000 + 4 * length, e.Message.Length, $"{what}: characters of the message");
        }
        catch (Exception e) when (e is not UnitTestAssertException)
        {
            Assert.Fail($"{what}: {e}");
        }
        TimeSpan time = clock.Elapsed;
        long taken = Allocated(target) - before;
        _counts[t].Bytes = Math.Max(_counts[t].Bytes, taken);
        Assert.IsLessThan(target.FixedBytes + target.BytesPerByte * length, taken, $"{what}: bytes allocated");
        return time;
    }

    private static long Allocated(FuzzTarget target) =>
        target.AllThreads ? GC.GetTotalAllocatedBytes(precise: true) : GC.GetAllocatedBytesForCurrentThread();
}
