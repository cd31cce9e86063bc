using Lwg.MLNet.Body;
using Lwg.MLNet.Tests.Body;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests a prediction engine that several threads use at the same time.</summary>
[TestClass]
public class SharedEngineTests
{
    [TestMethod]
    public void ConcurrentPredictionsFailInBothThreads()
    {
        using PredictionEngine<Row, Posed> engine = Engine();
        using var entered = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var slow = new Row(1) { Entered = entered, GoOn = goOn };
        Task<Exception?> first = Task.Run(() => Error(() => engine.Predict(slow)));
        entered.Wait();
        Exception? second = Error(() => engine.Predict(new Row(2)));
        goOn.Set();
        foreach (Exception? error in (Exception?[])[second, first.GetAwaiter().GetResult()])
        {
            Assert.IsInstanceOfType<InvalidOperationException>(error);
            StringAssert.Contains(error.Message, "PredictionEnginePool");
        }
        // A single user can use it again, on any thread.
        float[] expected = Engine().Predict(new Row(3)).Pose;
        Assert.AreSequenceEqual(expected, engine.Predict(new Row(3)).Pose);
        Assert.AreSequenceEqual(expected, Task.Run(() => engine.Predict(new Row(3)).Pose).GetAwaiter().GetResult());
    }

    // ML.NET's engine counts its examples without a lock: two threads that set theirs in the same instant may count once, which the guard
    // cannot detect. It happened once in some 30 runs of this test; a run may have two such results.
    [TestMethod]
    public void ConcurrentUseOfAnEngineIsReported()
    {
        float[][] expected = [.. Enumerable.Range(0, 64).Select(i => Engine().Predict(new Row(i)).Pose)];
        using PredictionEngine<Row, Posed> engine = Engine();
        int wrong = 0;
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            try
            {
                if (!engine.Predict(new Row(i)).Pose.SequenceEqual(expected[i]))
                    Interlocked.Increment(ref wrong);
            }
            catch (InvalidOperationException e)
            {
                StringAssert.Contains(e.Message, "PredictionEnginePool");
            }
        });
        Assert.IsLessThanOrEqualTo(2, wrong);
    }

    [TestMethod]
    public void TheGuardTracksTheReadingThreads()
    {
        var row = new RowGuard(isSingleRow: true);
        row.Enter(1);
        row.Enter(1);
        row.Leave(1, succeeded: true);
        row.Leave(1, succeeded: true);
        // Another thread replaced the example while this one read it.
        row.Enter(2);
        Assert.ThrowsExactly<InvalidOperationException>(() => row.Leave(3, succeeded: true));
        row.Enter(3);
        row.Leave(3, succeeded: true);
        // Another thread has read the same example.
        Assert.IsInstanceOfType<InvalidOperationException>(OnAnotherThread(() => row.Enter(3)));
        Assert.IsNull(OnAnotherThread(() => { row.Enter(4); row.Leave(4, succeeded: true); }));
        // An engine's example was overwritten by that of another thread before it was read.
        var engine = new RowGuard(isSingleRow: true, isEngine: true);
        engine.Enter(0);
        engine.Leave(0, succeeded: true);
        Assert.ThrowsExactly<InvalidOperationException>(() => engine.Enter(2));
        Assert.IsInstanceOfType<InvalidOperationException>(OnAnotherThread(() => engine.Enter(2)));
        engine.Enter(3);
        engine.Leave(3, succeeded: true);
        Assert.ThrowsExactly<InvalidOperationException>(() => new RowGuard(isSingleRow: true, isEngine: true).Enter(1));
        // A cursor may move to another thread.
        var cursor = new RowGuard(isSingleRow: false);
        cursor.Enter(1);
        cursor.Leave(1, succeeded: true);
        Assert.IsNull(OnAnotherThread(() => { cursor.Enter(1); cursor.Leave(1, succeeded: true); }));
    }

    private static PredictionEngine<Row, Posed> Engine()
    {
        var context = new MLContext(seed: 1);
        return context.Model.CreatePredictionEngine<Row,
            Posed>(context.Transforms.PoseBody(body: new BodyModel(TestBodies.Cylinder())).Fit(context.Data.LoadFromEnumerable<Row>([])));
    }

    private static Exception? OnAnotherThread(Action action)
    {
        Exception? error = null;
        var thread = new Thread(() => error = Error(action));
        thread.Start();
        thread.Join();
        return error;
    }

    private static Exception? Error(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private sealed class Row
    {
        private readonly float[] _smpl = new float[SmplLayout.ParameterCount];

        public Row() { }

        public Row(int number) => (_smpl[0], _smpl[SmplLayout.PoseOffset + 5]) = (1 + number, 0.01f * number);

        [NoColumn]
        public ManualResetEventSlim? Entered { get; init; }

        [NoColumn]
        public ManualResetEventSlim? GoOn { get; init; }

        /// <summary>The SMPL parameters, read during the prediction.</summary>
        [VectorType(SmplLayout.ParameterCount)]
        public float[] Smpl
        {
            get
            {
                Entered?.Set();
                GoOn?.Wait();
                return _smpl;
            }
            set => value.CopyTo(_smpl, 0);
        }
    }

    private sealed class Posed
    {
        [VectorType(SmplLayout.PoseCount)]
        public float[] Pose { get; set; } = [];
    }
}
