using System.Diagnostics;
using Lwg.MLNet.Body;
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

/// <summary>The stages as an ML.NET pipeline: against the core called directly, as a whole, row by row and in batches.</summary>
internal static class PipelineTargets
{
    private const int Size = 256;

    public static IEnumerable<(string Name, Func<IEnumerable<TargetRow>> Measure)> All =>
        [("stages of a pipeline", OfStages), ("whole imitation", Whole), ("prediction engine", Engine)];

    private static IEnumerable<TargetRow> OfStages()
    {
        const int Frames = 400, Parts = 5;
        var options = new MotionImitationOptions { ImageSize = Size, FrontWarp = FrontWarpMode.None, Sharp = false };
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
        // Whole bytes: tables that grow now and then are not of one frame.
        (bytes, directBytes) = (bytes / own.Count / Frames, directBytes / core.Count / Frames);
        var (a, b) = (new Measurement(own.Order().ElementAt(own.Count / 2), bytes), new Measurement(core.Order().ElementAt(core.Count / 2), directBytes));
        yield return TargetRow.Time("all stages but the networks, a frame through the pipeline", "256 px, our body", 4, a);
        yield return TargetRow.Share("the same, against the core called directly", "256 px", 1.05, a, $"the core, {directBytes} bytes", b);
        yield return new TargetRow("the same, allocated beyond the picture", "256 px", "0 bytes a frame", $"{bytes - directBytes} bytes", "", bytes <= directBytes);
    }

    private static IEnumerable<TargetRow> Whole()
    {
        const int Frames = 60;
        // A frame after another, each on all cores; or as many frames at a time as there are cores, each on one.
        foreach ((string what, bool sharp, NetworkPrecision precision, bool parallel) in ((string, bool, NetworkPrecision, bool)[])
        [
            ("whole imitation, default generator, pictures not encoded", false, NetworkPrecision.Full, true), ("the same, one frame after another", false, NetworkPrecision.Full, false),
            ("the same with sharp pictures", true, NetworkPrecision.Full, true), ("the same in 8 bits", false, NetworkPrecision.Quantized, true), ("the same in 8 bits with sharp pictures", true, NetworkPrecision.Quantized, true),
        ])
        {
            using var generator = OwnModels.OpenGenerator(new NetworkRuntimeOptions { Precision = precision, IntraOpNumThreads = parallel ? 1 : null });
            using var frames = new Pictures(new MotionImitationOptions { ImageSize = Size, Sharp = sharp }, generator, Frames + 6, parallel);
            frames.Take(6);
            double rate = 1000 / frames.Take(Frames);
            double memory = Process.GetCurrentProcess().WorkingSet64 / 1e6;
            bool counts = parallel && !sharp && precision == NetworkPrecision.Full;
            yield return new TargetRow(what, "256 px, two cores", counts ? "12 a second or more, below 1000 MB" : "", $"{TargetRow.Number(rate)} a second, {memory:0} MB", "", counts ? rate >= 12 && memory < 1000 : null);
        }
    }

    private static IEnumerable<TargetRow> Engine()
    {
        const int Calls = 100;
        using var generator = OwnModels.OpenGenerator();
        var mlContext = new MLContext(seed: 1);
        IDataView empty = mlContext.Data.LoadFromEnumerable<Person>([]);
        ITransformer model = mlContext.Transforms.ImitateMotion(new MotionImitationOptions { ImageSize = Size, Sharp = false }, generator: generator).Fit(empty);
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
        yield return new TargetRow("prediction engine, one row", "256 px, default generator, two threads", "", $"50th percentile {TargetRow.Number(times[times.Length / 2])} ms, 99th {TargetRow.Number(times[times.Length * 99 / 100])} ms", "", null);
        foreach (int rows in (int[])[1, 4, 16])
        {
            using var batch = new Pictures(model, rows);
            var watch = Stopwatch.StartNew();
            batch.Take(rows);
            yield return new TargetRow($"a new batch of {rows} through Transform", "256 px, default generator, two threads", "", $"{TargetRow.Number(watch.Elapsed.TotalMilliseconds / rows)} ms a row, the source anew", "", null);
        }
    }

    /// <summary>The pictures that a pipeline makes of a walk, one after another.</summary>
    private sealed class Pictures : IDisposable
    {
        private readonly DataViewRowCursor _cursor;
        private readonly ValueGetter<MLImage> _image;

        public Pictures(MotionImitationOptions options, ITransferGenerator generator, int count, bool parallel = false)
            : this(new MLContext(seed: 1).Transforms.ImitateMotion(options, generator: generator).Fit(Rows(1)), count, parallel)
        {
        }

        public Pictures(ITransformer model, int count, bool parallel = false)
        {
            IDataView rows = Rows(count), made = parallel ? new MLContext(seed: 1).Data.TransformInParallel(model, rows) : model.Transform(rows);
            DataViewSchema.Column column = made.Schema["TargetImage"];
            _cursor = made.GetRowCursor([column]);
            _image = _cursor.GetGetter<MLImage>(column);
        }

        /// <summary>Makes some; milliseconds for each.</summary>
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

        private static IDataView Rows(int count) => new MLContext(seed: 1).Data.LoadFromEnumerable(Person.Walking(count));
    }

    /// <summary>The same without ML.NET.</summary>
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
                // As pictures are handed out: the garbage collector is told what they weigh.
                using MLImage image = ImageMemory.Count(ImageCodec.ToImage(_result.Image, Size, Size));
            }
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / count;
        }

        public void Dispose() => _worker.Dispose();
    }
}
