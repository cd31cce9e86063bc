using Lwg.MLNet.Backgrounds;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Training.Data;

/// <summary>Converts samples to the inputs and expected outputs of the networks.</summary>
internal sealed class SamplePreparer(BodyModel body, GeneratorTrainingOptions options, int size)
{
    private readonly BodyFlow _flow = new(body, options, size);
    private readonly PersonHole _hole = new(size);
    private readonly float[] _source = new float[SmplLayout.ParameterCount], _reference = new float[SmplLayout.ParameterCount];

    /// <summary>Prepares a sample.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="number">The sample's number, which seeds the simulated pose error.</param>
    /// <param name="prepared">Receives the inputs and expected outputs.</param>
    /// <param name="appearance">Whether it is an appearance transfer.</param>
    public void Prepare(TrainingSample sample, long number, PreparedSample prepared, bool appearance = false)
    {
        prepared.Name = sample.Name;
        prepared.IsAppearance = appearance;
        bool estimated = sample.HasEstimate && !appearance, ownPose = !appearance && options.IsOwnPose(number);
        sample.SourceImage.CopyTo(prepared.SourceImage, 0);
        (ownPose ? sample.SourceImage : sample.TargetImage).CopyTo(prepared.TargetImage, 0);
        (estimated ? sample.EstimatedSmpl : sample.SourceSmpl).CopyTo(_source, 0);
        sample.ReferenceSmpl.CopyTo(_reference, 0);
        if (options.SourceMisfit > 0 && !estimated)
        {
            var random = new Random(unchecked((int)(number * 2654435761 + options.Seed)));
            Misfit(_source, random);
            if (appearance)
                Misfit(_reference, random);
        }
        if (appearance)
            _flow.RecoverAppearance(sample.SourceImage, _source, sample.ReferenceImage, _reference, prepared);
        else
            _flow.Recover(sample.SourceImage, _source, estimated ? sample.EstimatedMask : [], ownPose ? _source
                : sample.TargetSmpl, prepared);
        int n = size * size;
        if (sample.HasTruth)
        {
            for (int i = 0; i < n; i++)
                (prepared.SourceBackgroundMask[i], prepared.TargetBackgroundMask[i]) =
                    (1 - sample.SourceMask[i], 1 - (ownPose ? sample.SourceMask : sample.TargetMask)[i]);
            sample.Background.CopyTo(prepared.Background, 0);
            Array.Fill(prepared.BackgroundKnown, 1);
        }
        else
        {
            // The target shows what the source hides, except where the target person is.
            prepared.TargetImage.CopyTo(prepared.Background, 0);
            prepared.TargetBackgroundMask.CopyTo(prepared.BackgroundKnown, 0);
        }
        _hole.Fill(sample.SourceImage, prepared.BackgroundInput.AsSpan(3 * n), prepared.SourceBackgroundMask, prepared.BackgroundInput);
    }

    // Without an estimate, simulates its errors: perturbs joints by a few degrees and the camera by half a percent.
    private void Misfit(Span<float> smpl, Random random)
    {
        float strength = options.SourceMisfit;
        var person = new Smpl(smpl);
        person.Scale *= 1 + 0.006f * strength * Normal(random);
        person.TranslationX += 0.006f * strength * Normal(random);
        person.TranslationY += 0.006f * strength * Normal(random);
        for (int i = 0; i < SmplLayout.PoseCount; i++)
            person.Pose[i] += (i < 3 ? 0.02f : 0.03f) * strength * Normal(random);
        for (int i = 0; i < SmplLayout.ShapeCount; i++)
            person.Shape[i] += 0.25f * strength * Normal(random);
    }

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
