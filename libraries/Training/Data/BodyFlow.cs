using System.Numerics.Tensors;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Training.Data;

/// <summary>
/// Computes the networks' inputs from two bodies: body recovery and flow (Liu et al. 2019, section 3.1). Uses the same classes as
/// generators at inference (<see cref="NetworkSource"/>, <see cref="NetworkTarget"/>).
/// </summary>
internal sealed class BodyFlow
{
    private readonly BodyModel _body;
    private readonly GeneratorTrainingOptions _options;
    private readonly TextureWarpGenerator _warp;
    private readonly ViewMaps _source, _target;
    private readonly InputAssembler _assembler;
    private readonly NetworkSource _sourceInputs;
    private readonly NetworkTarget _targetInputs;
    private readonly PersonPixels _pixels;
    private readonly int _size;
    private readonly float[] _person, _front, _map;
    private bool[]? _taken;
    private float[] _borrowed = [];

    public BodyFlow(BodyModel body, GeneratorTrainingOptions options, int size)
    {
        (_body, _options, _size, _warp) = (body, options, size, new TextureWarpGenerator(body));
        (_source, _target, _assembler) = (new ViewMaps(body, size), new ViewMaps(body, size), new InputAssembler(size));
        (_sourceInputs, _targetInputs) = (new NetworkSource(_warp, _assembler), new NetworkTarget(body.Surface, _assembler));
        _pixels = new PersonPixels(size);
        (_person, _front, _map) = (new float[3 * size * size], new float[size * size], new float[size * size]);
    }

    /// <summary>The source's maps.</summary>
    public ViewMaps Source => _source;

    /// <summary>The target's maps.</summary>
    public ViewMaps Target => _target;

    /// <summary>Fills the inputs, the flow T and, from the bodies' silhouettes, the masks.</summary>
    /// <param name="image">The source picture [3,S,S].</param>
    /// <param name="sourceSmpl">The body in it.</param>
    /// <param name="mask">The estimated mask of the person in it [G,G]; empty for none.</param>
    /// <param name="targetSmpl">The target body.</param>
    /// <param name="prepared">Receives the inputs, flow and masks.</param>
    public void Recover(ReadOnlySpan<float> image, ReadOnlySpan<float> sourceSmpl, ReadOnlySpan<float> mask, ReadOnlySpan<float> targetSmpl,
        PreparedSample prepared)
    {
        _source.Draw(sourceSmpl);
        _target.Draw(targetSmpl);
        ReadOnlySpan<float> person = image;
        if (_options.DressesSource)
        {
            DressSource(image, mask);
            person = _sourceInputs.Person;
            _sourceInputs.BackgroundInput.CopyTo(prepared.BackgroundInput, 0);
            _sourceInputs.ForegroundInput.CopyTo(prepared.ForegroundInput, 0);
            _sourceInputs.CropMask.CopyTo(prepared.SourceBackgroundMask, 0);
        }
        else
            ShowSource(image, prepared);
        _targetInputs.Warp(_source.Points, person, _target.FaceIndex, _target.Weights, _options.Shape.AlignCorners);
        // Without warping, for comparison, the unwarped source is the input beside the target's condition.
        if (_options.UnwarpedInput)
            image.CopyTo(_targetInputs.Warped);
        _targetInputs.Flow.CopyTo(prepared.Flow, 0);
        Finish(_target.FaceIndex, prepared);
    }

    /// <summary>Fills the inputs and flows of an appearance transfer (section 3.3 there): the source keeps its pose and head, all other
    /// parts come from the reference.</summary>
    /// <param name="image">The source picture [3,S,S].</param>
    /// <param name="sourceSmpl">The body in it.</param>
    /// <param name="referenceImage">The reference picture [3,S,S].</param>
    /// <param name="referenceSmpl">The body in it.</param>
    /// <param name="prepared">Receives the inputs and flows.</param>
    public void RecoverAppearance(ReadOnlySpan<float> image, ReadOnlySpan<float> sourceSmpl, ReadOnlySpan<float> referenceImage,
        ReadOnlySpan<float> referenceSmpl, PreparedSample prepared)
    {
        if (_taken is null)
            (_taken, _borrowed) = (PartSelection.Faces(_body.Surface, [PartSelection.Body]), new float[3 * _size * _size]);
        _target.Draw(referenceSmpl);
        BodyMaps.Condition(_target.FaceIndex, _body.Surface, _targetInputs.Condition);
        _assembler.Foreground(referenceImage, _targetInputs.Condition, prepared.ReferenceForegroundInput, _map);
        _source.Draw(sourceSmpl);
        AppearanceFlow.Compute(_target.Points, _source.FaceIndex, _source.Weights, _taken, _size, _options.Shape.AlignCorners,
            prepared.Flow, prepared.ReferenceFlow, _map);

        ShowSource(image, prepared);
        // The two flows never sample the same pixel: where one is valid, the other is not.
        float[] warped = _targetInputs.Warped;
        GridSampler.Sample(image, 3, _size, _size, prepared.Flow, _options.Shape.AlignCorners, warped);
        GridSampler.Sample(referenceImage, 3, _size, _size, prepared.ReferenceFlow, _options.Shape.AlignCorners, _borrowed);
        TensorPrimitives.Add(warped, _borrowed, warped);
        Finish(_source.FaceIndex, prepared);
    }

    private int Kernel => GeneratorTrainingOptions.KernelAt(_options.BackgroundKernel, _size);

    private void DressSource(ReadOnlySpan<float> image, ReadOnlySpan<float> mask)
    {
        TextureWarpSource analysis = _warp.Analyse(image, _source.Points, _source.FaceIndex, _size, mask, mask, fill: null);
        ReadOnlySpan<float> person = image;
        if (_pixels.Take(mask, _source.FaceIndex))
        {
            _pixels.Paint(image, _person);
            person = _person;
        }
        _sourceInputs.Take(image, person, _source.FaceIndex, analysis, Kernel, mask);
    }

    private void ShowSource(ReadOnlySpan<float> image, PreparedSample prepared)
    {
        BodyMaps.Condition(_source.FaceIndex, _body.Surface, _sourceInputs.Condition);
        _assembler.Background(image, _sourceInputs.Condition, Kernel, prepared.BackgroundInput);
        _assembler.Foreground(image, _sourceInputs.Condition, prepared.ForegroundInput, prepared.SourceBackgroundMask);
    }

    private void Finish(int[] faceIndex, PreparedSample prepared)
    {
        _targetInputs.Assemble(faceIndex);
        _targetInputs.TransferInput.CopyTo(prepared.TransferInput, 0);
        _assembler.CropMask(_targetInputs.Condition, prepared.TargetBackgroundMask);
        BodyMaps.Front(faceIndex, _body.Surface, _front);
        float[] box = new float[4];
        prepared.FaceBox = BodyBoxes.Face(_front, _size, box) ? box : null;
    }
}
