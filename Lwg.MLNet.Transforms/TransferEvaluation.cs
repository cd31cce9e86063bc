using Lwg.MLNet.Metrics;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Transforms;

/// <summary>The input columns of
/// <see cref="TransferCatalog.Evaluate(IDataView, TransferEvaluationOptions, IProgress{long}, CancellationToken)"/>.</summary>
public sealed class TransferEvaluationOptions
{
    /// <summary>The ground truth picture, S x S.</summary>
    public string ActualColumnName { get; init; } = "ActualImage";

    /// <summary>The picture to evaluate, S x S.</summary>
    public string PredictedColumnName { get; init; } = "TargetImage";

    /// <summary>The ground truth mask of the person [1,S,S], above 0.5 on the person; null if unknown.</summary>
    public string? PersonMaskColumnName { get; init; }

    /// <summary>The mask of the background that is hidden in the source and visible in the target [1,S,S], above 0.5 inside; null if
    /// unknown.</summary>
    public string? UncoveredMaskColumnName { get; init; }

    /// <summary>The mask of the face's box [1,S,S], above 0.5 inside; null if unknown.</summary>
    public string? FaceMaskColumnName { get; init; }
}

/// <summary>The evaluation of transfers: mlContext.PersonTransfer().</summary>
public sealed class TransferCatalog
{
    private readonly IHost _host;

    internal TransferCatalog(IHostEnvironment environment) => _host = environment.Register("PersonTransfer");

    /// <summary>Compares predicted pictures with ground truth over the whole picture.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="actualColumnName">The column of the ground truth picture.</param>
    /// <param name="predictedColumnName">The column of the picture to evaluate.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the pictures of a row are missing, not square, or of
    /// different sizes.</exception>
    public TransferMetrics Evaluate(IDataView data, string actualColumnName = "ActualImage", string predictedColumnName = "TargetImage") =>
        Evaluate(data, new TransferEvaluationOptions { ActualColumnName = actualColumnName, PredictedColumnName = predictedColumnName });

    /// <summary>Compares predicted pictures with ground truth, over the whole picture and in the regions with a mask column.</summary>
    /// <param name="data">The rows; read once, in order.</param>
    /// <param name="options">The columns.</param>
    /// <param name="progress">Receives the number of compared rows; null for none.</param>
    /// <param name="cancellationToken">Cancels the evaluation before the next row.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the pictures of a row are missing, not square, or of
    /// another size than the other picture or a mask.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    public TransferMetrics Evaluate(IDataView data, TransferEvaluationOptions options, IProgress<long>? progress = null,
        CancellationToken cancellationToken = default) =>
        Evaluate(data, options, perceptual: null, progress, cancellationToken);

    /// <summary>Compares pictures, including the perceptual distance.</summary>
    internal TransferMetrics Evaluate(IDataView data, TransferEvaluationOptions options, PerceptualDistance? perceptual,
        IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        DataViewSchema.Column actual = Find(data.Schema, options.ActualColumnName),
            predicted = Find(data.Schema, options.PredictedColumnName);
        string?[] maskNames = [options.PersonMaskColumnName, options.UncoveredMaskColumnName, options.FaceMaskColumnName];
        DataViewSchema.Column?[] maskColumns =
            [.. maskNames.Select(name => name is null ? (DataViewSchema.Column?)null : Find(data.Schema, name))];
        using IChannel channel = _host.Start(nameof(Evaluate));
        var metrics = new TransferMetrics(perceptual);
        using DataViewRowCursor cursor = data.GetRowCursor([actual, predicted, .. maskColumns.OfType<DataViewSchema.Column>()]);
        var readActual = Getter<MLImage>(cursor, actual, "an image");
        var readPredicted = Getter<MLImage>(cursor, predicted, "an image");
        ValueGetter<VBuffer<float>>?[] readMasks =
            [.. maskColumns.Select(c => c is null ? null : Getter<VBuffer<float>>(cursor, c.Value, "a vector of Single"))];
        float[] truth = [], guess = [];
        float[][] masks = [[], [], []];
        while (cursor.MoveNext())
        {
            int size = ReadImage(readActual, ref truth, cursor.Position, options.ActualColumnName);
            int other = ReadImage(readPredicted, ref guess, cursor.Position, options.PredictedColumnName);
            if (other != size)
                throw new ArgumentException($"Row {cursor.Position}: '{options.ActualColumnName}' is {size} pixels wide and "
                    + $"'{options.PredictedColumnName}' {other}; both must have the same size.", nameof(data));
            for (int m = 0; m < masks.Length; m++)
                ReadMask(readMasks[m], ref masks[m], size, cursor.Position, maskNames[m]);
            metrics.Add(guess, truth, size, masks[0], masks[1], masks[2]);
            progress?.Report(metrics.RowCount);
            cancellationToken.ThrowIfCancellationRequested();
        }
        channel.Trace(MessageSensitivity.None, $"{metrics.RowCount} rows were compared.");
        return metrics;
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) ?? throw new ArgumentException(
        $"There is no column '{name}'; the data have {string.Join(", ", schema.Select(c => c.Name))}.", nameof(schema));

    private static ValueGetter<T> Getter<T>(DataViewRowCursor cursor, DataViewSchema.Column column, string expected)
    {
        Type type = (column.Type as VectorDataViewType)?.ItemType.RawType ?? column.Type.RawType;
        bool fits = typeof(T) == typeof(MLImage) ? column.Type is ImageDataViewType : column.Type is VectorDataViewType
            && type == typeof(float);
        return fits ? cursor.GetGetter<T>(column)
            : throw new ArgumentException($"Column '{column.Name}' is {column.Type}; {expected} is required.", nameof(column));
    }

    private static int ReadImage(ValueGetter<MLImage> getter, ref float[] tensor, long row, string column)
    {
        MLImage? image = null;
        getter(ref image!);
        using (image)
        {
            if (image is null)
                throw new ArgumentException($"Row {row}: '{column}' contains no image.");
            if (image.Width != image.Height)
                throw new ArgumentException($"Row {row}: '{column}' is {image.Width} x {image.Height}; square pictures are compared.");
            if (tensor.Length != 3 * image.Width * image.Height)
                tensor = new float[3 * image.Width * image.Height];
            ImageCodec.ToTensor(image, tensor);
            return image.Width;
        }
    }

    private static void ReadMask(ValueGetter<VBuffer<float>>? getter, ref float[] mask, int size, long row, string? column)
    {
        if (getter is null)
            return;
        VBuffer<float> buffer = default;
        getter(ref buffer);
        if (buffer.Length != size * size)
            throw new ArgumentException($"Row {row}: '{column}' has {buffer.Length} elements; a mask of {size} x {size} pixels has "
                + $"{size * size}.");
        if (mask.Length != buffer.Length)
            mask = new float[buffer.Length];
        buffer.CopyTo(mask);
    }
}
