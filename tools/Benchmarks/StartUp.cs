using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Lwg.MLNet.Body;
using Lwg.MLNet.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Benchmarks;

/// <summary>The start-up measurement, run in another process of this program: loads a saved model and computes one picture.</summary>
internal static class StartUp
{
    public const string Command = "start-up";

    private const int Count = SmplLayout.ParameterCount;

    /// <summary>Creates the files for the other process: a saved model and a row for it.</summary>
    /// <param name="folder">The folder of the files.</param>
    public static void Prepare(string folder)
    {
        using var generator = OwnModels.OpenGenerator();
        var mlContext = new MLContext(seed: 1);
        IReadOnlyList<Person> one = [.. Person.Walking(1)];
        IDataView rows = mlContext.Data.LoadFromEnumerable(one);
        mlContext.Model.Save(mlContext.Transforms.ImitateMotion(generator).Fit(rows), rows.Schema, ModelIn(folder));
        one[0].SourceImage.Save(PictureIn(folder));
        File.WriteAllBytes(NumbersIn(folder),
            MemoryMarshal.AsBytes<float>([.. one[0].SourceSmpl, .. one[0].ReferenceSmpl, .. one[0].ReferenceOrigin]));
    }

    /// <summary>Prints the milliseconds from the process's start to Load, and from there to the picture.</summary>
    public static int Run(string folder)
    {
        double before = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds;
        float[] numbers = [.. MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(NumbersIn(folder)))];
        Row[] rows = [new Row { SourceImage = MLImage.CreateFromFile(PictureIn(folder)), SourceSmpl = numbers[..Count],
            ReferenceSmpl = numbers[Count..^Count], ReferenceOrigin = numbers[^Count..] }];
        var watch = Stopwatch.StartNew();
        var mlContext = new MLContext(seed: 1);
        ITransformer model = mlContext.Model.Load(ModelIn(folder), out _);
        using MLImage picture = model.Transform(mlContext.Data.LoadFromEnumerable(rows)).GetColumn<MLImage>("TargetImage").Single();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{before} {watch.Elapsed.TotalMilliseconds}"));
        return 0;
    }

    private static string ModelIn(string folder) => Path.Combine(folder, "model.zip");

    private static string PictureIn(string folder) => Path.Combine(folder, "person.png");

    private static string NumbersIn(string folder) => Path.Combine(folder, "person.bin");

    // Like Person, but without objects of the library.
    private sealed class Row
    {
        [ImageType(256, 256)]
        public MLImage? SourceImage { get; set; }

        [VectorType(Count)]
        public float[] SourceSmpl { get; set; } = [];

        [VectorType(Count)]
        public float[] ReferenceSmpl { get; set; } = [];

        [VectorType(Count)]
        public float[] ReferenceOrigin { get; set; } = [];
    }
}
