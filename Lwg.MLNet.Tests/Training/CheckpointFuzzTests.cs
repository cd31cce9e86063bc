using Lwg.MLNet.Tests;
using Lwg.MLNet.Tests.Fuzzing;
using Lwg.MLNet.Training.Tests.Estimator;
using Lwg.MLNet.Training.Tests.Generator;

namespace Lwg.MLNet.Training.Tests;

/// <summary>Fuzzes the reader of training checkpoints; a tenth of the cases of the library's readers.</summary>
[TestClass]
public class CheckpointFuzzTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public void DamagedCheckpointsAreReadOrRefusedButNothingElseHappens()
    {
        using var folder = new TemporaryFolder();
        float[][] state = [[1, 2, 3], [4, 5], [], [6]];
        string generator = Path.Combine(folder.Path, "generator"), estimator = Path.Combine(folder.Path, "estimator");
        new TrainingCheckpoint<GeneratorTrainingOptions> { Options = TinyTraining.Options, Samples = 2, Steps = [1, 2],
            State = state }.Write(generator);
        new TrainingCheckpoint<EstimatorTrainingOptions> { Options = TinySnapshots.Options, Samples = 2, Steps = [1], State = state }.Write(
            estimator);
        new FuzzRun(
            TestContext,
            [
                new FuzzTarget("generator.training", 1, File.ReadAllBytes(generator), p =>
                TrainingCheckpoint<GeneratorTrainingOptions>.Read(p).State.Count),
                new FuzzTarget("estimator.training", 1, File.ReadAllBytes(estimator), p =>
                TrainingCheckpoint<EstimatorTrainingOptions>.Read(p).State.Count),
            ]).Run(folder, share: 0.1);
    }
}
