using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Cli;

/// <summary>Transfers of synthetic people that no generator was trained on, from one pose to another.</summary>
internal sealed class HeldOutTransfers(BodyModel body, int size, int people)
{
    private const long First = 1_000_000;

    private readonly SyntheticPeople _people = new(body, size);
    private readonly SyntheticPair _pair = new(size);

    /// <summary>Returns the source pictures of the first people.</summary>
    public IReadOnlyList<float[]> Sources(int count) => Pictures(count, pair => pair.SourceImage);

    /// <summary>Returns the true target pictures of the first people.</summary>
    public IReadOnlyList<float[]> Targets(int count) => Pictures(count, pair => pair.TargetImage);

    /// <summary>Compares a generator's results for all people with the ground truth.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="options">The options of its inputs.</param>
    /// <param name="keep">The number of pictures to keep.</param>
    /// <param name="pictures">Receives the first pictures.</param>
    /// <param name="cancellationToken">Stops between two people.</param>
    public TransferMetrics Measure(TransferGenerator generator, GeneratorTrainingOptions options, int keep, List<float[]> pictures,
        CancellationToken cancellationToken)
    {
        var flow = new BodyFlow(body, options, size);
        var prepared = new PreparedSample(size);
        var result = new TransferResult(size);
        var metrics = new TransferMetrics();
        float[] uncovered = new float[size * size];
        using ITransferWorker worker = generator.CreateWorker(size);
        for (int i = 0; i < people; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _people.Fill(First + i, 0, _pair);
            flow.Recover(_pair.SourceImage, _pair.SourceSmpl, [], _pair.TargetSmpl, prepared);
            var frame = new TransferFrame
            {
                SourceImage = _pair.SourceImage,
                SourcePoints = flow.Source.Points,
                SourceFaceIndex = flow.Source.FaceIndex,
                BackgroundInput = prepared.BackgroundInput,
                ForegroundInput = prepared.ForegroundInput,
                TransferInput = prepared.TransferInput,
                Flow = prepared.Flow,
                TargetFaceIndex = flow.Target.FaceIndex,
                TargetWeights = flow.Target.Weights,
            };
            worker.Prepare(frame);
            worker.Generate(frame, result);
            for (int k = 0; k < uncovered.Length; k++)
                uncovered[k] = _pair.SourceMask[k] > 0.5f && _pair.TargetMask[k] < 0.5f ? 1 : 0;
            metrics.Add(result.Image, _pair.TargetImage, size, _pair.TargetMask, uncovered);
            if (i < keep)
                pictures.Add([.. result.Image]);
        }
        return metrics;
    }

    private List<float[]> Pictures(int count, Func<SyntheticPair, float[]> part)
    {
        var pictures = new List<float[]>();
        for (int i = 0; i < Math.Min(count, people); i++)
        {
            _people.Fill(First + i, 0, _pair);
            pictures.Add([.. part(_pair)]);
        }
        return pictures;
    }
}
