using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Benchmarks;

/// <summary>What another process of this program does to measure a start: loads a saved model and makes one picture.</summary>
internal static class StartUp
{
    public const string Command = "start-up";

    /// <summary>Prints the milliseconds from the process's start to Load, and from there to the picture.</summary>
    public static int Run(string modelPath)
    {
        double before = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds;
        var watch = Stopwatch.StartNew();
        var mlContext = new MLContext(seed: 1);
        ITransformer model = mlContext.Model.Load(modelPath, out _);
        using MLImage picture = model.Transform(mlContext.Data.LoadFromEnumerable(Person.Walking(1))).GetColumn<MLImage>("TargetImage").Single();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{before} {watch.Elapsed.TotalMilliseconds}"));
        return 0;
    }
}
