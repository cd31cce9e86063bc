namespace Lwg.MLNet.Samples;

/// <summary>Runs one of the samples: <c>dotnet run -c Release --project Lwg.MLNet.Samples -- imitate</c>. The results go to the folder
/// 'out', or to the folder in the second argument.</summary>
public static class Program
{
    /// <summary>The samples by name. Each is one self-contained file.</summary>
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

    /// <summary>Runs the sample named by the first argument.</summary>
    /// <returns>0, or 2 if there is no such sample.</returns>
    public static int Main(string[] args)
    {
        if (args.Length is 0 or > 2 || !All.TryGetValue(args[0], out Action<string>? sample))
        {
            Console.Error.WriteLine($"Specify a sample and, optionally, a folder for its results. Samples: {string.Join(", ", All.Keys)}.");
            return 2;
        }
        sample(Directory.CreateDirectory(args.Length == 2 ? args[1] : "out").FullName);
        return 0;
    }

    /// <summary>Returns the path of a picture that is included with the samples: a painted person.</summary>
    internal static string Picture(string name) => Path.Combine(AppContext.BaseDirectory, name);
}
