using System.Diagnostics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Transforms.Stages;
using Lwg.MLNet.Warping;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Targets of the stages as an ML.NET pipeline: compared with direct calls of the core, as a whole, row by row and in
/// batches.</summary>
internal static class PipelineTargets
{
    private const int Size = 256;

    public static IEnumerable<(string Name, Func<IEnumerable<TargetRow>> Measure)> All =>
        [("stages of a pipeline", OfStages), ("whole imitation", Whole), ("prediction engine", Engine)];

    private static IEnumerable<TargetRow> OfStages()
    {
        const int Frames = 400, Parts = 5;
        var options = new ImitateMotionOptions { ImageSize = Size, FrontWarp = FrontWarpMode.None, Sharp = false };
        using var frames = new Pictures(options, new NoNetwork(), Frames * Parts);
        using var direct = new Direct();
        frames.Take(Frames);
        direct.Take(Frames);
        var own = new List<double>();
        var core = new List<double>();
        long bytes = 0, directBytes = 0;
        for (int part = 1; part < Parts; part++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            own.Add(frames.Take(Frames));
            long between = GC.GetAllocatedBytesForCurrentThread();
            core.Add(direct.Take(Frames));
            (bytes, directBytes) = (bytes + between - before, directBytes + GC.GetAllocatedBytesForCurrentThread() - between);
        }
        // Whole bytes per frame: growth of tables does not belong to a single frame.
        (bytes, directBytes) = (bytes / own.Count / Frames, directBytes / core.Count / Frames);
        var (a, b) = (new Measurement(own.Order().ElementAt(own.Count / 2), bytes),
            new Measurement(core.Order().ElementAt(core.Count / 2), directBytes));
        yield return TargetRow.Time("all stages but the networks, a frame through the pipeline", "256 px, our body", 4, a);
        yield return TargetRow.Share("the same, against the core called directly", "256 px", 1.05, a, $"the core, {directBytes} bytes", b);
        yield return new TargetRow("the same, allocated beyond the picture", "256 px", "0 bytes a frame", $"{bytes - directBytes} bytes",
            "", bytes <= directBytes);
    }

    private static IEnumerable<TargetRow> Whole()
    {
        const int Rounds = 5, Frames = 12, Memory = 1000, Large = 512;
        (string What, int Pixels, bool Sharp, NetworkPrecision Precision, bool Parallel, int? Wanted)[] ways =
        [
            ("whole imitation, default generator, pictures not encoded", Size, false, NetworkPrecision.Full, true, 12),
            ("the same, one frame after another", Size, false, NetworkPrecision.Full, false, null),
            ("the same with sharp pictures", Size, true, NetworkPrecision.Full, true, null),
            ("the same with sharp pictures", Large, true, NetworkPrecision.Full, true, 8),
            ("the same in 8 bits", Size, false, NetworkPrecision.Quantized, true, null),
            ("the same in 8 bits with sharp pictures", Size, true, NetworkPrecision.Quantized, true, null),
        ];
        using var first = new Imitating(ways[0].Pixels, ways[0].Sharp, ways[0].Precision, ways[0].Parallel, Rounds * Frames);
        first.Take(Frames);
        double megabytes = Process.GetCurrentProcess().WorkingSet64 / 1e6;
        List<Imitating> all = [first, .. ways.Skip(1)
            .Select(w => new Imitating(w.Pixels, w.Sharp, w.Precision, w.Parallel, Rounds * Frames))];
        // In turn, so that changes of the machine's speed affect all of them.
        for (int round = first.Rounds; round < Rounds; round++)
            all.ForEach(way => way.Take(Frames));
        double one = 1000 / all[1].Milliseconds;
        for (int i = 0; i < ways.Length; i++)
        {
            double rate = 1000 / all[i].Milliseconds;
            string target = ways[i].Wanted is { } wanted ? $"{wanted} a second or more" + (i == 0 ? $", below {Memory} MB" : "") : "";
            yield return new TargetRow(ways[i].What, $"{ways[i].Pixels} px, two cores", target,
                $"{TargetRow.Number(rate)} a second" + (i == 0 ? $", {megabytes:0} MB" : ""),
                i == 1 ? "" : $"one frame after another: {TargetRow.Number(rate / one)} times",
                ways[i].Wanted is { } least ? rate >= least && (i > 0 || megabytes < Memory) : null);
        }
        all.ForEach(way => way.Dispose());
    }

    /// <summary>A whole imitation: one frame after another, each on all cores; or as many frames at a time as there are cores, each on
    /// one core.</summary>
    private sealed class Imitating : IDisposable
    {
        // Ensures that the number of frames computed ahead is the same at the first and the last frame.
        private const int Ahead = 4;

        private readonly LiquidWarpingGenerator _generator;
        private readonly Pictures _pictures;
        private readonly List<double> _times = [];

        public Imitating(int pixels, bool sharp, NetworkPrecision precision, bool parallel, int frames)
        {
            _generator = OwnModels.OpenGenerator(
                new NetworkRuntimeOptions { Precision = precision, IntraOpNumThreads = parallel ? 1 : null });
            _pictures = new Pictures(new ImitateMotionOptions { ImageSize = pixels, Sharp = sharp }, _generator, 2 * frames + Ahead,
                parallel);
            _pictures.Take(Ahead);
        }

        public int Rounds => _times.Count;

        /// <summary>The median of the rounds, per frame.</summary>
        public double Milliseconds => _times.Order().ElementAt(_times.Count / 2);

        public void Take(int frames)
        {
            _pictures.Take(Ahead);
            _times.Add(_pictures.Take(frames));
        }

        public void Dispose()
        {
            _pictures.Dispose();
            _generator.Dispose();
        }
    }

    private static IEnumerable<TargetRow> Engine()
    {
        const int Calls = 100;
        using var generator = OwnModels.OpenGenerator();
        var mlContext = new MLContext(seed: 1);
        IDataView empty = mlContext.Data.LoadFromEnumerable<Person>([]);
        ITransformer model = mlContext.Transforms.ImitateMotion(generator, new ImitateMotionOptions { ImageSize = Size, Sharp = false })
            .Fit(empty);
        using PredictionEngine<Person, Imitated> engine = mlContext.Model.CreatePredictionEngine<Person, Imitated>(model);
        Person[] people = [.. Person.Walking(Calls)];
        var result = new Imitated();
        double[] times = [.. people.Select(person =>
        {
            long start = Stopwatch.GetTimestamp();
            engine.Predict(person, ref result);
            result.TargetImage?.Dispose();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }).Skip(5).Order()];
        yield return new TargetRow("prediction engine, one row", "256 px, default generator, two threads", "",
            $"50th percentile {TargetRow.Number(times[times.Length / 2])} ms, 99th {TargetRow.Number(times[times.Length * 99 / 100])} ms",
            "", null);
        foreach (int rows in (int[])[1, 4, 16])
        {
            using var batch = new Pictures(model, rows);
            var watch = Stopwatch.StartNew();
            batch.Take(rows);
            yield return new TargetRow($"a new batch of {rows} through Transform", "256 px, default generator, two threads", "",
                $"{TargetRow.Number(watch.Elapsed.TotalMilliseconds / rows)} ms a row, including the source", "", null);
        }
    }

    /// <summary>The pictures that a pipeline computes for a walk, in order.</summary>
    private sealed class Pictures : IDisposable
    {
        private readonly DataViewRowCursor _cursor;
        private readonly ValueGetter<MLImage> _image;

        public Pictures(ImitateMotionOptions options, TransferGenerator generator, int count, bool parallel = false)
            : this(Model(options, generator), count, parallel)
        {
        }

        public Pictures(ITransformer model, int count, bool parallel = false)
        {
            IDataView rows = Rows(count), made = parallel ? new MLContext(seed: 1).Data.TransformInParallel(model, rows)
                : model.Transform(rows);
            DataViewSchema.Column column = made.Schema["TargetImage"];
            _cursor = made.GetRowCursor([column]);
            _image = _cursor.GetGetter<MLImage>(column);
        }

        /// <summary>Computes pictures; returns the milliseconds per picture.</summary>
        public double Take(int count)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                _cursor.MoveNext();
                MLImage? image = null;
                _image(ref image!);
                image.Dispose();
            }
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / count;
        }

        public void Dispose() => _cursor.Dispose();

        // The rows contain pictures of 256 pixels.
        private static ITransformer Model(ImitateMotionOptions options, TransferGenerator generator)
        {
            TransformsCatalog transforms = new MLContext(seed: 1).Transforms;
            IEstimator<ITransformer> imitation = transforms.ImitateMotion(generator, options);
            int size = options.ImageSize;
            return (size == Size ? imitation : transforms.ResizeImages("SourceImage", size, size).Append(imitation)).Fit(Rows(1));
        }

        private static IDataView Rows(int count) => new MLContext(seed: 1).Data.LoadFromEnumerable(Person.Walking(count));
    }

    /// <summary>The same stages without ML.NET.</summary>
    private sealed class Direct : IDisposable
    {
        private readonly Scene _scene = new(BodyModel.Default, Size);
        private readonly Person[] _people = [.. Person.Walking(100)];
        private readonly float[] _smpl = new float[SmplLayout.ParameterCount], _targetPoints = new float[6 * BodyModel.Default.FaceCount];
        private readonly TransferResult _result = new(Size);
        private readonly ITransferWorker _worker = new NoNetwork().CreateWorker(Size);

        public double Take(int count)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                Person person = _people[i % _people.Length];
                Scene s = _scene;
                Retargeting.Retarget(person.SourceSmpl, person.ReferenceSmpl, person.ReferenceOrigin, CameraStrategy.Smooth, _smpl);
                s.Body.Pose(_smpl, s.Posed);
                Camera.Project(s.Posed.Vertices, _smpl.AsSpan(0, 3), s.Points);
                Camera.FacePoints(s.Points, s.Body.Faces, _targetPoints);
                s.Rasterizer.Draw(s.Points, s.Body.Faces, s.FaceIndex, s.Weights);
                BodyMaps.Condition(s.FaceIndex, s.Body.Surface, s.Condition);
                BodyMaps.Front(s.FaceIndex, s.Body.Surface, s.One);
                TransformationFlow.Compute(s.FacePoints, s.FaceIndex, s.Weights, s.Flow);
                GridSampler.Sample(s.Image, 3, Size, Size, s.Flow, alignCorners: true, s.Warped);
                s.Assembler.Transfer(s.Warped, s.Condition, s.Six);
                s.Assembler.CropMask(s.Condition, s.One);
                _worker.Generate(new TransferFrame { TransferInput = s.Six, Flow = s.Flow }, _result);
                // As for output pictures, reports the image's size to the garbage collector.
                using MLImage image = ImageMemory.Count(ImageCodec.ToImage(_result.Image, Size, Size));
            }
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / count;
        }

        public void Dispose() => _worker.Dispose();
    }
}
