using System.Diagnostics;
using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Targets of the start-up time and of the growth of time with the input.</summary>
internal static class ProcessTargets
{
    public static IEnumerable<(string Name, Func<IEnumerable<TargetRow>> Measure)> All => [("start-up", Start), ("growth", Growth)];

    private static IEnumerable<TargetRow> Start()
    {
        const int Starts = 5;
        string folder = Directory.CreateTempSubdirectory("lwg-benchmark-").FullName;
        try
        {
            StartUp.Prepare(folder);
            double[][] times = [.. Enumerable.Range(0, Starts).Select(_ => Launch(folder))];
            double before = Median(times.Select(t => t[0])), load = Median(times.Select(t => t[1]));
            yield return new TargetRow("process start to Load", "", "", $"{before:0} ms", "", null);
            yield return new TargetRow("Load to the first picture", "256 px, default generator, body and networks in the model",
                "1000 ms or less", $"{load:0} ms", "", load <= 1000);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double[] Launch(string folder)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [StartUp.Command, folder]) { RedirectStandardOutput = true })!;
        string line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. line.Split(' ', StringSplitOptions.TrimEntries).Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
    }

    private static IEnumerable<TargetRow> Growth()
    {
        yield return Grows("frames", "stages but the networks, 256 px", [50, 100, 200, 400], count =>
        {
            IDataView rows = new MLContext(seed: 1).Data.LoadFromEnumerable(Person.Walking(count));
            ITransformer model = new MLContext(seed: 1).Transforms.ImitateMotion(new NoNetwork()).Fit(rows);
            return () =>
            {
                foreach (MLImage image in model.Transform(rows).GetColumn<MLImage>("TargetImage"))
                    image.Dispose();
            };
        });
        yield return Grows("faces", "posing and rasterising, 256 px", [20, 40, 80, 160], rings =>
        {
            var s = new Scene(new BodyModel(Bodies.Lathe(rings, rings)), 256);
            return () => s.Redraw();
        }, rings => 2 * rings * rings);
        yield return Grows("pixels", "rasterising, flow, warp, all inputs", [128, 256, 512, 1024], size =>
        {
            var s = new Scene(BodyModel.Default, size);
            return () =>
            {
                s.Redraw();
                Stages.AllInputs(s);
            };
        }, size => size * size);
        yield return Grows("views", "ImpersonateSubject's Fit, 256 px", [1, 2, 4, 8], count =>
        {
            var mlContext = new MLContext(seed: 1);
            IDataView views = mlContext.Data.LoadFromEnumerable(Person.Walking(count)
                .Select(p => new View { Image = p.SourceImage, Smpl = p.SourceSmpl }));
            return () => mlContext.Transforms.ImpersonateSubject(new TextureWarpGenerator(BodyModel.Default)).Fit(views);
        });
    }

    // The exponent is the slope of the regression line through the logarithms.
    private static TargetRow Grows(string what, string of, int[] steps, Func<int, Action> make, Func<int, double>? amount = null)
    {
        double[] times = [.. steps.Select(step => Measurement.Of([make(step)], 3)[0].Milliseconds)];
        double[] x = [.. steps.Select(step => Math.Log(Amount(step)))], y = [.. times.Select(t => Math.Log(t))];
        double slope = x.Zip(y).Sum(p => (p.First - x.Average()) * (p.Second - y.Average())) / x.Sum(v => Math.Pow(v - x.Average(), 2));
        return new TargetRow($"growth with {what}", $"{of}; {string.Join(", ", steps.Select(step => $"{Amount(step):0}"))}",
            "exponent 1 or less (within 0.1)",
            $"{string.Join(", ", times.Select(t => TargetRow.Number(t)))} ms: exponent {TargetRow.Number(slope)}", "", slope <= 1.1);

        double Amount(int step) => amount is null ? step : amount(step);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed class View
    {
        [ImageType(256, 256)]
        public MLImage? Image { get; set; }

        [VectorType(SmplLayout.ParameterCount)]
        public float[] Smpl { get; set; } = [];
    }
}
