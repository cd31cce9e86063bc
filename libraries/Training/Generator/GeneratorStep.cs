using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Torch;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Generator;

/// <summary>Generator, discriminator and their training step (Liu et al. 2019, section 3.3).</summary>
internal sealed class GeneratorStep : IDisposable
{
    // The values of Isola et al. 2017.
    private const double Beta1 = 0.5, StartingDeviation = 0.02;

    private readonly GeneratorTrainingOptions _options;
    private readonly Device _device;
    private readonly GraphModule _background, _source, _transfer, _discriminator;
    private readonly CheckedConvolutions _convolutions;
    private readonly GraphModule? _appearance;
    private readonly string[] _features;
    private readonly PerceptualLoss? _perceptual;
    private readonly FaceLoss? _face;
    private Tensor? _lastTargets;

    /// <param name="options">The training options.</param>
    /// <param name="learned">The initial weights of the generator; null for random weights.</param>
    public GeneratorStep(GeneratorTrainingOptions options, INamedWeights? learned = null)
    {
        (_options, _device) = (options, TorchDevice.Of(options.Device));
        _convolutions = options.Convolutions(_device);
        NetworkGraph[] graphs = [GeneratorNetwork.BuildBackground(options.Shape),
            GeneratorNetwork.BuildSource(options.Shape, withReconstruction: true), GeneratorNetwork.BuildTransfer(options.Shape)];
        NetworkGraph judge = PatchDiscriminator.Build(6, options.DiscriminatorWidth);
        Generator = new LearnedWeights(graphs, options.Seed, Beta1, StartingDeviation, _device);
        if (learned is not null)
            Generator.Begin(learned);
        GeneratorStreams[] streams = [GeneratorStreams.Background, GeneratorStreams.Source, GeneratorStreams.Transfer];
        Generator.Freeze(graphs.Zip(streams).Where(g => !options.TrainedStreams.HasFlag(g.Second)).SelectMany(g => g.First.Weights));
        Discriminator = new LearnedWeights([judge], options.Seed, Beta1, StartingDeviation, _device);
        (_background, _source, _transfer) = (Module(graphs[0], Generator), Module(graphs[1], Generator), Module(graphs[2], Generator));
        _discriminator = Module(judge, Discriminator);
        _appearance = options.AppearanceShare > 0 ? Module(GeneratorNetwork.BuildTransfer(options.Shape, sources: 2), Generator) : null;
        _features = [.. GeneratorNetwork.SourceFeatures(options.Shape).Select(f => f.Name)];
        _perceptual = options.PerceptualNetwork is null ? null : PerceptualLoss.Load(options.PerceptualNetwork, _device, _convolutions);
        _face = options.FaceNetwork is null ? null : FaceLoss.Load(options.FaceNetwork, _device, _convolutions);

        GraphModule Module(NetworkGraph graph, LearnedWeights weights) =>
            new(graph, weights.ByName, options.Bfloat16, _device, _convolutions);
    }

    public LearnedWeights Generator { get; }

    public LearnedWeights Discriminator { get; }

    /// <summary>The device of the networks.</summary>
    public Device Device => _device;

    /// <summary>Returns the target pictures of the last step, [N,3,S,S].</summary>
    public float[] LastTargets()
    {
        using Tensor here = _lastTargets!.cpu();
        return here.data<float>().ToArray();
    }

    /// <summary>Trains on a batch.</summary>
    /// <param name="batch">Samples of the same size and kind.</param>
    /// <param name="samples">Samples processed, including this batch.</param>
    /// <param name="rate">The learning rate.</param>
    public LossValues Run(IReadOnlyList<PreparedSample> batch, long samples, double rate)
    {
        using var tensors = new BatchTensors(batch, _device);
        return Run(tensors, samples, rate);
    }

    /// <summary>Trains on a batch.</summary>
    /// <param name="batch">Samples of the same size and kind.</param>
    /// <param name="samples">Samples processed, including this batch.</param>
    /// <param name="rate">The learning rate.</param>
    public LossValues Run(BatchTensors batch, long samples, double rate)
    {
        using var scope = NewDisposeScope();
        StepTensors step = Compute(batch, Judged(samples));
        Generator.ClearGradients();
        step.Loss.backward();
        double gradient = Generator.Step(rate, _options.GradientLimit, _options.AverageDecay);

        double lossDiscriminator = 0;
        if (Judged(samples))
        {
            Tensor d = Judgement(batch, step.FakeTarget);
            Discriminator.ClearGradients();
            d.backward();
            // A gradient that is not finite leaves the weights unchanged; the loss then reports it.
            lossDiscriminator = double.IsFinite(Discriminator.Step(rate, _options.GradientLimit, 0)) ? d.item<float>() : double.NaN;
        }
        _lastTargets?.Dispose();
        _lastTargets = step.FakeTarget.detach().contiguous().DetachFromDisposeScope();
        return new LossValues(samples, (int)batch.SourceImage.shape[3], step.Source.item<float>(), step.Target.item<float>(),
            step.Structure.item<float>(), step.Perceptual?.item<float>() ?? 0, step.Face?.item<float>()
            ?? 0, step.Background.item<float>(), step.Mask.item<float>(), step.Smooth.item<float>(),
            step.Adversarial?.item<float>() ?? 0, lossDiscriminator, gradient);
    }

    /// <summary>Checks the convolutions of all remaining steps.</summary>
    /// <param name="samples">Samples processed.</param>
    /// <param name="cancellationToken">Stops between two convolutions.</param>
    /// <exception cref="TrainingException">No implementation of a convolution is correct on this machine.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void CheckConvolutions(long samples, CancellationToken cancellationToken) => _convolutions.Check(() =>
    {
        foreach ((int size, int count) in _options.BatchesAfter(samples))
        {
            foreach (bool appearance in new[] { false, true }.Where(a => a ? _options.AppearanceShare > 0 : _options.AppearanceShare < 1))
                Rehearse(size, count, appearance);
        }
    }, cancellationToken);

    // Runs a step on empty samples without an update, once for each number of faces that the face term may process.
    private void Rehearse(int size, int count, bool appearance)
    {
        PreparedSample[] samples = [.. Enumerable.Range(0, count).Select(_ => new PreparedSample(size) { IsAppearance = appearance })];
        for (int faces = _face is null ? 0 : 1; faces <= (_face is null ? 0 : count); faces++)
        {
            using var scope = NewDisposeScope();
            for (int i = 0; i < faces; i++)
                samples[i].FaceBox = [0, size - 1, 0, size - 1];
            using var batch = new BatchTensors(samples, _device);
            bool judged = Judged(_options.SampleCount);
            StepTensors step = Compute(batch, judged);
            if (judged)
                _ = Judgement(batch, step.FakeTarget);
        }
    }

    private bool Judged(long samples) => _options.AdversarialWeight > 0 && samples > _options.DiscriminatorFrom;

    private StepTensors Compute(BatchTensors batch, bool judged)
    {
        (Tensor sourceImage, Tensor targetImage, Tensor backgroundInput, Tensor transferInput) =
            (batch.SourceImage, batch.TargetImage, batch.BackgroundInput, batch.TransferInput);
        (Tensor trueSourceMask, Tensor trueTargetMask) = (batch.SourceBackgroundMask, batch.TargetBackgroundMask);
        Tensor condition = Condition(batch);

        Dictionary<string, Tensor> source = _source.Forward(batch.ForegroundInput);
        List<Tensor> transferInputs = [transferInput];
        if (_features.Length > 0)
            transferInputs.AddRange([batch.Flow, .. _features.Select(f => source[f])]);
        if (_features.Length > 0 && batch.ReferenceForegroundInput is not null)
        {
            Dictionary<string, Tensor> reference = _source.Forward(batch.ReferenceForegroundInput);
            transferInputs.AddRange([batch.ReferenceFlow!, .. _features.Select(f => reference[f])]);
        }
        Dictionary<string, Tensor> target = (batch.ReferenceForegroundInput is null ? _transfer : _appearance!).Forward(transferInputs);
        Tensor outside = backgroundInput.narrow(1, 3, 1);
        Tensor plate = backgroundInput.narrow(1, 0, 3) + (1 - outside) * _background.Forward(backgroundInput)[GeneratorNetwork.Background];
        Tensor sourceMask = source[GeneratorNetwork.Mask], targetMask = target[GeneratorNetwork.Mask];
        Tensor fakeSource = sourceMask * plate + (1 - sourceMask) * source[GeneratorNetwork.Color];
        Tensor fakeTarget = targetMask * plate + (1 - targetMask) * target[GeneratorNetwork.Color];

        Tensor stress = Losses.Stress(1 - trueTargetMask);
        Tensor lossSource = Losses.L1(fakeSource, sourceImage), lossTarget = Losses.L1(fakeTarget, targetImage, stress);
        Tensor lossStructure = Losses.Structure(fakeTarget, targetImage, stress);
        Tensor lossBackground = Losses.L1Within(plate, batch.Background, (1 - outside) * batch.BackgroundKnown);
        Tensor lossMask = Losses.Mask(sourceMask, trueSourceMask) + Losses.Mask(targetMask, trueTargetMask);
        Tensor lossSmooth = Losses.TotalVariation(sourceMask) + Losses.TotalVariation(targetMask);
        Tensor loss = _options.SourceWeight * lossSource + _options.TargetWeight * lossTarget + _options.StructureWeight * lossStructure
            + _options.BackgroundWeight * lossBackground + _options.MaskWeight * lossMask + _options.SmoothWeight * lossSmooth;
        Tensor? lossPerceptual = _perceptual?.Compare(fakeTarget, targetImage, stress);
        if (lossPerceptual is not null)
            loss += _options.PerceptualWeight * lossPerceptual;
        Tensor? lossFace = _face?.Compare(fakeTarget, targetImage, batch.FaceBoxes);
        if (lossFace is not null)
            loss += _options.FaceWeight * lossFace;
        Tensor? lossAdversarial = null;
        if (judged)
        {
            lossAdversarial = Losses.Verdict(Judge(fakeTarget, condition), 0);
            loss += _options.AdversarialWeight * lossAdversarial;
        }
        return new StepTensors(loss, fakeTarget, lossSource, lossTarget, lossStructure, lossPerceptual, lossFace, lossBackground, lossMask,
            lossSmooth, lossAdversarial);
    }

    private Tensor Judgement(BatchTensors batch, Tensor fakeTarget)
    {
        Tensor condition = Condition(batch);
        return Losses.Verdict(Judge(batch.TargetImage, condition), 1) + Losses.Verdict(Judge(fakeTarget.detach(), condition), -1);
    }

    private static Tensor Condition(BatchTensors batch) => batch.TransferInput.narrow(1, 3, 3);

    public void Dispose()
    {
        _lastTargets?.Dispose();
        Generator.Dispose();
        Discriminator.Dispose();
        _perceptual?.Dispose();
        _face?.Dispose();
    }

    private Tensor Judge(Tensor image, Tensor condition) => _discriminator.Forward(cat([image, condition], 1))[PatchDiscriminator.Verdict];

    private sealed record StepTensors(Tensor Loss, Tensor FakeTarget, Tensor Source, Tensor Target, Tensor Structure, Tensor? Perceptual,
        Tensor? Face, Tensor Background, Tensor Mask, Tensor Smooth, Tensor? Adversarial);
}
