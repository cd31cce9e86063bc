using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>Many parallel clients, valid and invalid ones. LWG_SERVICE_ROUNDS sets the number of requests of each.</summary>
[TestClass]
public class CrowdTests
{
    private const int Clients = 200;

    private static readonly int s_rounds =
        int.TryParse(Environment.GetEnvironmentVariable("LWG_SERVICE_ROUNDS"), CultureInfo.InvariantCulture, out int rounds) ? rounds : 1;

    private static readonly byte[][] s_people = [.. TestPeople.Names.Select(name => TestPeople.Png(name, 128))];
    private static readonly byte[] s_half = s_people[0][..4000], s_huge = new byte[2 * RunningService.MaximumUploadBytes];

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task TwoHundredClientsAtATimeGetAnswersWithinBoundedMemory()
    {
        string[] temporary = TemporaryFiles();
        await using RunningService service = await RunningService.StartAsync();
        await AskAsync(service, "a request before the crowd");

        long before = Environment.WorkingSet;
        var answers = new ConcurrentDictionary<string, int>();
        using var watching = new CancellationTokenSource();
        Task<long> watcher = PeakAsync(watching.Token);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => ClientAsync(service, number, answers)));
        await watching.CancelAsync();
        long peak = await watcher;

        TestContext.WriteLine($"{Clients} clients, {watch.Elapsed.TotalSeconds:0.0} s; {Said(answers)}; working set "
            + $"{before >> 20} MB before, {peak >> 20} MB at most");
        AnswersFit(answers);
        // Eighteen places of 2 MB, the pictures of two engines, and the memory of the clients, which run in this process too.
        Assert.IsLessThan(700L << 20, peak - before, $"{(peak - before) >> 20} MB more than before");
        while (service.Places.Taken > 0)
            await Task.Delay(20, TestContext.CancellationToken);
        Assert.IsEmpty(TemporaryFiles().Except(temporary));
        await AskAsync(service, "a request when all have gone");
    }

    private static void AnswersFit(ConcurrentDictionary<string, int> answers)
    {
        string said = Said(answers);
        foreach (string answer in answers.Keys.Select(a => a.Split(' ')[1]).Where(a => a is not ("closed" or "abandoned")))
            Assert.MatchesRegex("^(2..|4..|503)$", answer);
        Assert.IsTrue(answers.ContainsKey("good 200"), said);
        // A client that sends unreadable data never gets a picture.
        Assert.IsFalse(answers.Keys.Any(a => a is "broken 200" or "huge 200"), said);
    }

    private static string Said(ConcurrentDictionary<string, int> answers) =>
        string.Join(", ", answers.OrderBy(a => a.Key).Select(a => $"{a.Key}: {a.Value}"));

    private async Task AskAsync(RunningService service, string which)
    {
        using HttpResponseMessage response =
            await service.Client.PostAsync("imitate", RunningService.Form(s_people[0], ("motion", "walk")), TestContext.CancellationToken);
        Assert.IsTrue(response.IsSuccessStatusCode, which);
    }

    private static async Task ClientAsync(RunningService service, int number, ConcurrentDictionary<string, int> answers)
    {
        for (int round = 0; round < s_rounds; round++)
        {
            string kind = ((number + round) % 8) switch { 1 => "broken", 3 => "huge", 5 => "abandoned", _ => "good" };
            byte[] picture = kind switch { "broken" => s_half, "huge" => s_huge, _ => s_people[number % s_people.Length] };
            using var patience = new CancellationTokenSource(kind == "abandoned" ? TimeSpan.FromMilliseconds(10 + number)
                : TimeSpan.FromMinutes(30));
            string answer;
            try
            {
                using HttpResponseMessage response =
                    await service.Client.PostAsync("imitate",
                    RunningService.Form(picture, ("motion", "dance"), ("frame", (number % 40).ToString(CultureInfo.InvariantCulture))),
                    patience.Token);
                answer = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            }
            catch (OperationCanceledException) when (kind == "abandoned")
            {
                answer = "abandoned";
            }
            catch (HttpRequestException) when (kind == "huge")
            {
                // The service answers and hangs up before all is sent; the answer may be lost on the way.
                answer = "closed";
            }
            answers.AddOrUpdate($"{kind} {answer}", 1, (_, count) => count + 1);
        }
    }

    // The largest working set until it is stopped.
    private static async Task<long> PeakAsync(CancellationToken stop)
    {
        long peak = Environment.WorkingSet;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(20, CancellationToken.None);
            peak = Math.Max(peak, Environment.WorkingSet);
        }
        return peak;
    }

    // The names of ASP.NET Core's temporary files for uploads that are too large for memory.
    private static string[] TemporaryFiles() => Directory.GetFiles(Path.GetTempPath(), "ASPNETCORE_*");
}
