using System.Numerics.Tensors;
using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms.Stages;

namespace Lwg.MLNet.Transforms;

/// <summary>
/// The buffers and workers of one cursor of <see cref="GenerateTransferTransformer"/>. The columns' buffers are looked up once, in the
/// constructor, so that a row allocates nothing. Buffers of columns that are not read are empty.
/// </summary>
internal sealed class GenerateTransferKernel
{
    private readonly StageBuffers _buffers;
    private readonly GenerateTransferOptions _options;

    // The tensors that the stage reads, and those of them that the generator reads.
    private readonly TransferTensors _read, _asked;
    private readonly ImageInput? _image, _referenceImage, _backdrop;
    private readonly float[] _picture, _points, _person, _background, _foreground, _transfer, _flow, _sourceWeights;
    private readonly float[] _targetWeights, _targetPoints;
    private readonly float[] _referencePicture, _referencePoints, _referencePerson, _referenceForeground, _referenceFlow, _kept;
    private readonly int[] _sourceFaces, _targetFaces, _referenceFaces;

    // The inputs of the front warp; empty if the generator keeps the face.
    private readonly bool _warpsFront;
    private readonly float[] _warped, _front, _seen, _seenFront;

    private readonly ITransferWorker _worker;
    private readonly NearSource? _near;
    private readonly PartPieces? _pieces;
    private readonly HangingClothes? _clothes;
    private readonly ContactShadows? _shadows;
    private readonly TransferResult _result;
    private readonly float[] _colors = [], _mask = [], _plate = [];

    /// <summary>Looks up the buffers and creates the workers.</summary>
    /// <param name="buffers">The cursor's buffers.</param>
    /// <param name="options">The stage's options.</param>
    /// <param name="generator">The generator.</param>
    /// <param name="read">The tensors of source and target that the stage reads.</param>
    /// <param name="warpsFront">Whether the warped source is composed over the facial front.</param>
    /// <param name="body">The generator's body; null if unknown.</param>
    public GenerateTransferKernel(StageBuffers buffers, GenerateTransferOptions options, TransferGenerator generator, TransferTensors read,
        bool warpsFront, BodyModel? body)
    {
        (_buffers, _options, _read, _warpsFront) = (buffers, options, read, warpsFront);
        _asked = generator.SourceTensors | generator.TargetTensors;
        int size = buffers.Binding.Size("S");
        (_image, _picture) = Picture(TransferTensors.SourceImage, options.SourceImageColumnName, size);
        (_referenceImage, _referencePicture) = Picture(TransferTensors.ReferenceImage, options.ReferenceImageColumnName, size);
        _backdrop = options.BackgroundImageColumnName is { } backdrop ? buffers.InputImage(backdrop) : null;
        _points = Singles(TransferTensors.SourcePoints, options.SourcePointsColumnName);
        _person = Singles(options.PersonMaskColumnName);
        _background = Singles(TransferTensors.BackgroundInput, options.BackgroundInputColumnName);
        _foreground = Singles(TransferTensors.ForegroundInput, options.ForegroundInputColumnName);
        _transfer = Singles(TransferTensors.TransferInput, options.TransferInputColumnName);
        _flow = Singles(TransferTensors.Flow, options.FlowColumnName);
        _targetWeights = Singles(TransferTensors.TargetWeights, options.TargetWeightsColumnName);
        _sourceWeights = Singles(options.KeepsNearSource ? options.SourceWeightsColumnName : null);
        _targetPoints = Singles(options.KeepsNearSource ? options.TargetPointsColumnName : null);
        _referencePoints = Singles(TransferTensors.ReferencePoints, options.ReferencePointsColumnName);
        _referencePerson = Singles(options.ReferencePersonMaskColumnName);
        _referenceForeground = Singles(TransferTensors.ReferenceForegroundInput, options.ReferenceForegroundInputColumnName);
        _referenceFlow = Singles(TransferTensors.ReferenceFlow, options.ReferenceFlowColumnName);
        _kept = Singles(TransferTensors.KeptMap, options.KeptMapColumnName);
        _sourceFaces = Faces(TransferTensors.SourceFaceIndex, options.SourceFaceIndexColumnName);
        _targetFaces = Faces(TransferTensors.TargetFaceIndex, options.TargetFaceIndexColumnName);
        _referenceFaces = Faces(TransferTensors.ReferenceFaceIndex, options.ReferenceFaceIndexColumnName);
        _warped = !warpsFront ? [] : options.WarpedColumnName is { } warped ? buffers.Input<float>(warped) : _picture;
        _front = Singles(warpsFront ? options.FrontMapColumnName : null);
        _seen = Singles(warpsFront && options.FrontWarp == FrontWarpMode.Blend ? options.SeenMapColumnName : null);
        _seenFront = new float[_seen.Length];
        string prefix = options.OutputPrefix;
        if (options.WithLayers)
            (_colors, _mask, _plate) = (buffers.Output<float>(prefix + "Color"), buffers.Output<float>(prefix + "Mask"),
                buffers.Output<float>(prefix + "Background"));
        _result = new TransferResult(size);
        buffers.OutputImage(prefix + "Image").From(_result.Image, size);
        _near = options.KeepsNearSource ? new NearSource(size) : null;
        if (options.KeepsNearSource && body is { Surface.HasParts: true })
            (_pieces, _clothes) = (new PartPieces(size, body), new HangingClothes(size, body));
        if (options.MovesContactShadows && body is { Surface.HasParts: true })
            _shadows = new ContactShadows(size, body);
        _worker = generator.CreateWorker(size);
    }

    /// <summary>The kernel of the cursor, which computes with these buffers.</summary>
    public StageKernel Kernel => new(Compute, Prepare, _worker);

    private TransferFrame Frame => new()
    {
        SourceImage = Asked(TransferTensors.SourceImage, _picture),
        SourcePoints = Asked(TransferTensors.SourcePoints, _points),
        SourceFaceIndex = Asked(TransferTensors.SourceFaceIndex, _sourceFaces),
        SourcePersonMask = _person,
        MaskOpensBackgroundOnly = !_options.KeepsToPersonMask,
        BackgroundFill = _options.BackgroundFill,
        ClearsBacks = _options.KeepsNearSource,
        WithoutBackground = !HasOwnBackground || _options.Background == TransferBackground.Nothing,
        BackgroundInput = _background,
        ForegroundInput = _foreground,
        TransferInput = _transfer,
        Flow = _flow,
        TargetFaceIndex = Asked(TransferTensors.TargetFaceIndex, _targetFaces),
        TargetWeights = Asked(TransferTensors.TargetWeights, _targetWeights),
        ReferenceImage = _referencePicture,
        ReferencePoints = _referencePoints,
        ReferenceFaceIndex = _referenceFaces,
        ReferencePersonMask = _referencePerson,
        ReferenceForegroundInput = _referenceForeground,
        ReferenceFlow = _referenceFlow,
        KeptMap = _kept,
    };

    // Whether neither a colour nor a picture replaces the source's background.
    private bool HasOwnBackground => _options.BackgroundColor is null && _backdrop is null;

    private void Prepare()
    {
        _image?.ToTensor(_picture);
        _referenceImage?.ToTensor(_referencePicture);
        _worker.Prepare(Frame);
        _clothes?.Prepare(_points, _sourceFaces, _person);
        _pieces?.Prepare(_sourceFaces, _sourceWeights, _person);
        _near?.Prepare(_sourceFaces, _sourceWeights, _person);
        _shadows?.Prepare(_picture, _points, _sourceFaces, _person);
    }

    private void Compute()
    {
        _worker.Generate(Frame, _result);
        ReplaceBackground();
        if (_warpsFront)
            WarpFront();
        ReadOnlySpan<float> floor = _shadows is { } shadows ? shadows.Apply(_picture, _targetPoints, _result) : _picture;
        _clothes?.Apply(_picture, _targetPoints, _targetFaces, _result);
        _near?.Apply(floor, _points, _targetPoints, _targetFaces, _targetWeights, HasOwnBackground, _result);
        _pieces?.Apply(_picture, _points, _targetPoints, _targetFaces, _result);
        if (_options.WithLayers)
        {
            _result.Color.CopyTo(_colors, 0);
            _result.Mask.CopyTo(_mask, 0);
            _result.Background.CopyTo(_plate, 0);
        }
    }

    private void ReplaceBackground()
    {
        if (_options.BackgroundColor is { } color)
            _result.ReplaceBackground(color);
        else if (_backdrop is not null)
        {
            _backdrop.ToTensor(_result.Background);
            _result.Compose();
        }
        else if (_options.Background != TransferBackground.Generated)
        {
            if (_options.Background == TransferBackground.Nothing)
                Array.Clear(_result.Background);
            else
                AddToSource(_background, _result.Background);
            _result.ComposeUnclamped();
        }
    }

    // The background input is picture * m and m.
    private static void AddToSource(ReadOnlySpan<float> input, Span<float> background)
    {
        int n = background.Length / 3;
        for (int c = 0; c < 3; c++)
            TensorPrimitives.MultiplyAdd(background.Slice(c * n, n), input[(3 * n)..], input.Slice(c * n, n), background.Slice(c * n, n));
    }

    private void WarpFront()
    {
        if (_options.FrontWarp != FrontWarpMode.Blend)
        {
            FrontWarp.BlendAsPublished(_result, _front, _warped);
            return;
        }
        if (_seen.Length > 0)
            TensorPrimitives.Multiply(_front, _seen, _seenFront);
        FrontWarp.Blend(_result, _seen.Length > 0 ? _seenFront : _front, _warped);
    }

    private ReadOnlySpan<T> Asked<T>(TransferTensors tensor, T[] values) => _asked.HasFlag(tensor) ? values : [];

    private (ImageInput? Image, float[] Tensor) Picture(TransferTensors tensor, string column, int size) =>
        _read.HasFlag(tensor) ? (_buffers.InputImage(column), new float[3 * size * size]) : (null, []);

    private float[] Singles(TransferTensors tensor, string column) => Singles(_read.HasFlag(tensor) ? column : null);

    private float[] Singles(string? column) => column is null ? [] : _buffers.Input<float>(column);

    private int[] Faces(TransferTensors tensor, string column) => _read.HasFlag(tensor) ? _buffers.Input<int>(column) : [];
}
