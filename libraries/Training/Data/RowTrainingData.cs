using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Training.Data;

/// <summary>
/// Rows with two square pictures of one person and their 85 SMPL parameters each as training data, in order and repeated without end.
/// Rows are read when they are needed; only one is held in memory.
/// </summary>
internal sealed class RowTrainingData : ITrainingData, IDisposable
{
    private readonly IDataView _data;
    private readonly DataViewSchema.Column[] _images, _smpls;
    private readonly long _count;
    private DataViewRowCursor? _cursor;
    private ValueGetter<MLImage>[] _readImages = [];
    private ValueGetter<VBuffer<float>>[] _readSmpls = [];
    private long _next;

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="TrainingException">There are no rows.</exception>
    public RowTrainingData(IDataView data, TrainLiquidWarpingGeneratorOptions options)
    {
        _data = data;
        _images = [Find(options.SourceImageColumnName), Find(options.TargetImageColumnName)];
        _smpls = [Find(options.SourceSmplColumnName), Find(options.TargetSmplColumnName)];
        foreach (DataViewSchema.Column column in _images)
            Expect(column, column.Type is ImageDataViewType, "an image");
        foreach (DataViewSchema.Column column in _smpls)
            Expect(column, column.Type is VectorDataViewType { ItemType.RawType: var item } vector && item == typeof(float)
                && vector.Size is 0 or SmplLayout.ParameterCount, $"a vector of {SmplLayout.ParameterCount} Single");
        _count = data.GetRowCount() ?? Count(data);
        if (_count == 0)
            throw new TrainingException("The data have no rows; a generator learns from at least one pair of pictures.");
    }

    /// <inheritdoc/>
    public void Fill(long number, TrainingSample sample)
    {
        long row = number % _count;
        if (_cursor is null || row < _next)
            Open();
        for (; _next <= row; _next++)
        {
            if (!_cursor!.MoveNext())
                throw new TrainingException($"The data had {_count} rows when the training began, but now only {_next}.");
        }
        sample.Name = $"row {row}";
        sample.HasTruth = false;
        int source = Read(0, row, sample.Size, sample.SourceImage), target = Read(1, row, sample.Size, sample.TargetImage);
        if (source != target)
            throw new TrainingException($"Row {row}: '{_images[0].Name}' is {source} pixels wide, but '{_images[1].Name}' {target}; both "
                + $"pictures of a pair must have the same size.");
        Read(0, row, sample.SourceSmpl);
        Read(1, row, sample.TargetSmpl);
    }

    public void Dispose() => _cursor?.Dispose();

    private void Open()
    {
        _cursor?.Dispose();
        _cursor = _data.GetRowCursor([.. _images, .. _smpls]);
        _readImages = [.. _images.Select(c => _cursor.GetGetter<MLImage>(c))];
        _readSmpls = [.. _smpls.Select(c => _cursor.GetGetter<VBuffer<float>>(c))];
        _next = 0;
    }

    private int Read(int which, long row, int size, float[] tensor)
    {
        // Rows in memory return the same image each time and own it, so it is not disposed here.
        MLImage? image = null;
        _readImages[which](ref image!);
        if (image is null)
            throw new TrainingException($"Row {row}: '{_images[which].Name}' contains no image.");
        if (image.Width != image.Height)
            throw new TrainingException($"Row {row}: '{_images[which].Name}' is {image.Width} x {image.Height} pixels; square pictures "
                + $"are required.");
        SquarePicture.Fill(ImageCodec.ToPixels(image), size, tensor);
        return image.Width;
    }

    private void Read(int which, long row, float[] smpl)
    {
        VBuffer<float> buffer = default;
        _readSmpls[which](ref buffer);
        if (buffer.Length != smpl.Length)
            throw new TrainingException($"Row {row}: '{_smpls[which].Name}' has {buffer.Length} values; a body has {smpl.Length}: "
                + $"{SmplLayout.Parts}.");
        buffer.CopyTo(smpl);
        if (Array.FindIndex(smpl, v => !float.IsFinite(v)) is >= 0 and int at)
            throw new TrainingException($"Row {row}: '{_smpls[which].Name}' has {smpl[at]} as number {at}; values must be finite.");
        if (new ReadOnlySmpl(smpl).Scale is <= 0 and var scale)
            throw new TrainingException($"Row {row}: '{_smpls[which].Name}' has a camera of scale {scale}; it must be above 0.");
    }

    private DataViewSchema.Column Find(string name) =>
        _data.Schema.GetColumnOrNull(name)
        ?? throw new ArgumentOutOfRangeException(nameof(name),
        $"A generator's training reads column '{name}', which is missing; the data have "
        + $"{string.Join(", ", _data.Schema.Select(c => c.Name))}.");

    private static void Expect(DataViewSchema.Column column, bool fits, string expected)
    {
        if (!fits)
            throw new ArgumentOutOfRangeException(nameof(column),
                $"A generator's training reads column '{column.Name}' as {expected}, but it is {column.Type}.");
    }

    private static long Count(IDataView data)
    {
        long count = 0;
        using DataViewRowCursor cursor = data.GetRowCursor([]);
        while (cursor.MoveNext())
            count++;
        return count;
    }
}
