using Lwg.MLNet.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Reads the columns of the frames that this program uses, one frame at a time. A column that is not read is not
/// computed.</summary>
internal sealed class FrameReader : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly ValueGetter<MLImage> _sourceImage;
    private readonly ValueGetter<MLImage> _targetImage;
    private readonly ValueGetter<MLImage> _result;
    private readonly ValueGetter<float>? _fitError;
    private readonly ValueGetter<VBuffer<float>> _referenceSmpl;
    private readonly ValueGetter<VBuffer<float>> _condition;
    private readonly ValueGetter<VBuffer<float>> _warped;
    private readonly ValueGetter<VBuffer<float>> _mask;
    private readonly ValueGetter<VBuffer<int>> _faceIndex;
    private readonly ValueGetter<VBuffer<float>>? _crop;
    private VBuffer<float> _numbers;
    private VBuffer<int> _integers;

    /// <summary>Opens the frames.</summary>
    /// <param name="frames">The output of the stages.</param>
    /// <param name="result">The column of the result, one of <see cref="Columns"/>.</param>
    public FrameReader(IDataView frames, string result)
    {
        _cursor = frames.GetRowCursor(Columns.Append(nameof(SourceFitError)).Append(nameof(SourceCropTransform))
            .Select(frames.Schema.GetColumnOrNull).OfType<DataViewSchema.Column>());
        _sourceImage = Getter<MLImage>(nameof(SourceImage));
        _targetImage = Getter<MLImage>(nameof(TargetImage));
        _result = Getter<MLImage>(result);
        _fitError = frames.Schema.GetColumnOrNull(nameof(SourceFitError)) is null ? null : Getter<float>(nameof(SourceFitError));
        _referenceSmpl = Getter<VBuffer<float>>(nameof(ReferenceSmpl));
        _condition = Getter<VBuffer<float>>(nameof(TargetCondition));
        _warped = Getter<VBuffer<float>>(nameof(TargetWarped));
        _mask = Getter<VBuffer<float>>(nameof(TargetMask));
        _faceIndex = Getter<VBuffer<int>>(nameof(TargetFaceIndex));
        _crop = frames.Schema.GetColumnOrNull(nameof(SourceCropTransform)) is null ? null
            : Getter<VBuffer<float>>(nameof(SourceCropTransform));

        ValueGetter<T> Getter<T>(string name) => _cursor.GetGetter<T>(frames.Schema[name]);
    }

    /// <summary>The columns that a model must make, except ReferenceSmpl, which the motion contains.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        nameof(SourceImage), nameof(ReferenceSmpl), nameof(TargetCondition), nameof(TargetWarped), nameof(TargetMask),
        nameof(TargetFaceIndex), nameof(TargetImage), Backdrop.Kept.ResultColumnName,
    ];

    /// <summary>The person's square, S x S; the caller disposes of the image.</summary>
    public MLImage SourceImage => Image(_sourceImage);

    /// <summary>The generated square, S x S.</summary>
    public MLImage TargetImage => Image(_targetImage);

    /// <summary>The result: the photograph with the person put back into it, or the square.</summary>
    public MLImage Result => Image(_result);

    /// <summary>The mean distance of the fitted body's key points from the marked ones, as a share of the person's height; null for an
    /// estimated body.</summary>
    public float? SourceFitError
    {
        get
        {
            if (_fitError is null)
                return null;
            float value = 0;
            _fitError(ref value);
            return value;
        }
    }

    /// <summary>The SMPL parameters to imitate [85].</summary>
    public float[] ReferenceSmpl => Numbers(_referenceSmpl);

    /// <summary>The target's condition map [3,S,S].</summary>
    public float[] TargetCondition => Numbers(_condition);

    /// <summary>The source warped into the target's pose [3,S,S].</summary>
    public float[] TargetWarped => Numbers(_warped);

    /// <summary>The background mask of the result [1,S,S].</summary>
    public float[] TargetMask => Numbers(_mask);

    /// <summary>The face index map of the target's body [S,S]; -1 on background.</summary>
    public int[] TargetFaceIndex
    {
        get
        {
            _faceIndex(ref _integers);
            return [.. _integers.DenseValues()];
        }
    }

    /// <summary>The transform from the person's square to the photograph; null if the model does not provide it.</summary>
    public CropTransform? SourceCropTransform => _crop is null ? null : CropTransform.FromSpan(Numbers(_crop));

    /// <summary>Moves to the next frame; false after the last.</summary>
    public bool MoveNext() => _cursor.MoveNext();

    public void Dispose() => _cursor.Dispose();

    private float[] Numbers(ValueGetter<VBuffer<float>> getter)
    {
        getter(ref _numbers);
        return [.. _numbers.DenseValues()];
    }

    private static MLImage Image(ValueGetter<MLImage> getter)
    {
        MLImage image = null!;
        getter(ref image);
        return image;
    }
}
