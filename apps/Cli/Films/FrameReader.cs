using Lwg.MLNet.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Reads the frames one by one: what of all that the stages make this program looks at. A column that is not read is not
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
    /// <param name="frames">What the stages make.</param>
    /// <param name="result">The column that is the result, one of <see cref="Columns"/>.</param>
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

    /// <summary>The columns that a model must make, ReferenceSmpl aside, which comes with the motion.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        nameof(SourceImage), nameof(ReferenceSmpl), nameof(TargetCondition), nameof(TargetWarped), nameof(TargetMask),
        nameof(TargetFaceIndex), nameof(TargetImage), Backdrop.Kept.ResultColumnName,
    ];

    /// <summary>The person's square, S x S; whoever takes an image disposes of it.</summary>
    public MLImage SourceImage => Image(_sourceImage);

    /// <summary>What was made of the square, S x S.</summary>
    public MLImage TargetImage => Image(_targetImage);

    /// <summary>The result: the photograph with the person put back into it, or the square.</summary>
    public MLImage Result => Image(_result);

    /// <summary>How far the fitted body's key points are from the marked ones, as a share of the person's height; null where the body was
    /// estimated.</summary>
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

    /// <summary>The pose to imitate [85].</summary>
    public float[] ReferenceSmpl => Numbers(_referenceSmpl);

    /// <summary>The target's condition map [3,S,S].</summary>
    public float[] TargetCondition => Numbers(_condition);

    /// <summary>The source warped into the target's pose [3,S,S].</summary>
    public float[] TargetWarped => Numbers(_warped);

    /// <summary>What of the result is background [1,S,S].</summary>
    public float[] TargetMask => Numbers(_mask);

    /// <summary>The face of the target's body that is seen at each pixel [S,S]; -1 on background.</summary>
    public int[] TargetFaceIndex
    {
        get
        {
            _faceIndex(ref _integers);
            return [.. _integers.DenseValues()];
        }
    }

    /// <summary>Where the person's square lies in the photograph; null where the model does not tell.</summary>
    public CropTransform? SourceCropTransform => _crop is null ? null : CropTransform.FromSpan(Numbers(_crop));

    /// <summary>Goes to the next frame; false after the last.</summary>
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
