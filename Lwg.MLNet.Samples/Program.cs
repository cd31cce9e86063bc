namespace Lwg.MLNet.Samples;

/// <summary>Runs one of the samples: <c>dotnet run -c Release --project Lwg.MLNet.Samples -- imitate</c>. Results are written to the folder
/// 'out', or to the one named second.</summary>
public static class Program
{
    /// <summary>The samples by name. Each is one file that stands by itself.</summary>
    public static IReadOnlyDictionary<string, Action<string>> All { get; } = new Dictionary<string, Action<string>>
    {
        ["imitate"] = Imitate.Run,
        ["swap"] = Swap.Run,
        ["view"] = View.Run,
        ["fit-person"] = FitPerson.Run,
        ["stage-by-stage"] = StageByStage.Run,
        ["save-and-load"] = SaveAndLoad.Run,
        ["engine-pool"] = EnginePool.Run,
        ["evaluate"] = Evaluate.Run,
    };

    /// <summary>Runs the sample that the first argument names.</summary>
    /// <returns>0, or 2 where there is no such sample.</returns>
    public static int Main(string[] args)
    {
        if (args.Length is 0 or > 2 || !All.TryGetValue(args[0], out Action<string>? sample))
        {
            Console.Error.WriteLine($"Name a sample and, if you like, a folder for its results. Samples: {string.Join(", ", All.Keys)}.");
            return 2;
        }
        sample(Directory.CreateDirectory(args.Length == 2 ? args[1] : "out").FullName);
        return 0;
    }

    /// <summary>A picture that comes with the samples: a painted person.</summary>
    internal static string Picture(string name) => Path.Combine(AppContext.BaseDirectory, name);
}
