using System.Collections.Concurrent;
using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>A saved model in a server: concurrent requests, each with its own prediction engine from a pool.</summary>
public static class EnginePool
{
    /// <summary>Writes model.zip and request_0.png to request_3.png.</summary>
    public static void Run(string folder)
    {
        string file = Path.Combine(folder, "model.zip");
        Save(file);

        // A prediction engine serves one thread at a time; all engines share the model. In ASP.NET Core, use PredictionEnginePool of the
        // package Microsoft.Extensions.ML: services.AddPredictionEnginePool<Request, Answer>().FromFile(file).
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(file, out _);
        var shared = new PredictionEngineOptions { OwnsTransformer = false };
        var pool = new ConcurrentBag<PredictionEngine<Request, Answer>>();

        MotionClip dance = MotionClip.Load("dance");
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number =>
        {
            if (!pool.TryTake(out PredictionEngine<Request, Answer>? engine))
                engine = mlContext.Model.CreatePredictionEngine<Request, Answer>(model, shared);
            using MLImage photo = ImageCodec.ToImage(ImageCodec.Load(Program.Picture(number % 2 == 0 ? "anna.png" : "ben.png")));
            Answer answer = engine.Predict(
                new Request { SourcePhoto = photo, ReferenceSmpl = Pose(dance, 10 * number), ReferenceOrigin = Pose(dance, 0) });
            using (MLImage picture = answer.TargetPhoto!)
                ImageCodec.SavePng(picture, Path.Combine(folder, $"request_{number}.png"), Provenance.CompositeWithTrainedAlgorithms);
            pool.Add(engine);
        });
        foreach (PredictionEngine<Request, Answer> engine in pool)
            engine.Dispose();
    }

    private static void Save(string file)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView nothing = mlContext.Data.LoadFromEnumerable<Request>([]);
        var pipeline = mlContext.Transforms.FindPerson("Source")
            .Append(mlContext.Transforms.ImitateMotion())
            .Append(mlContext.Transforms.ComposeIntoImage());
        mlContext.Model.Save(pipeline.Fit(nothing), nothing.Schema, file);
    }

    // 85 SMPL parameters: a centred camera with scale 0.9, the pose, and the mean shape.
    private static float[] Pose(MotionClip motion, int frame) => [0.9f, 0, 0, .. motion.Pose(frame), .. new float[10]];

    private sealed class Request
    {
        [AnySizeImage]
        public MLImage? SourcePhoto { get; set; }

        [VectorType(SmplLayout.ParameterCount)]
        public float[] ReferenceSmpl { get; set; } = [];

        [VectorType(SmplLayout.ParameterCount)]
        public float[] ReferenceOrigin { get; set; } = [];
    }

    private sealed class Answer
    {
        [AnySizeImage]
        public MLImage? TargetPhoto { get; set; }
    }
}
