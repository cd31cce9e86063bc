using System.Diagnostics;
using System.Security.Cryptography;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Batch;

/// <summary>
/// One fitted pipeline that processes rows one after another. Results that depend only on the source are kept from row to row. Not
/// thread-safe. A refused row does not affect the next one; after any other error the engine must not be used again.
/// </summary>
internal sealed class RowEngine : IDisposable
{
    private readonly BatchSettings _settings;
    private readonly SourcePhotos _photos;
    private readonly Func<Request, WorkRow> _rowOf;
    private readonly WorkReader _reader;
    private WorkRow? _next;

    public RowEngine(BatchSettings settings, bool marked, BatchModels models, IPictures pictures, TextWriter output)
    {
        var mlContext = new MLContext(seed: 1);
        _settings = settings;
        _photos = new SourcePhotos(pictures, output);
        var poses = new ReferencePoses(mlContext, pictures, models.Estimator, settings.Size, output);
        _rowOf = request => new WorkRow(request, marked, _photos, poses);
        IDataView rows = mlContext.Data.LoadFromEnumerable(Rows());
        ITransformer model = BatchPipeline.Build(mlContext, settings, marked, models.Estimator, models.Generator)
            .Fit(mlContext.Data.LoadFromEnumerable<WorkRow>([]));
        _reader = new WorkReader(model.Transform(rows));
    }

    /// <summary>The durations of the last row: finding the person, transferring the pose and measuring the quality; then making and
    /// encoding the picture.</summary>
    public (TimeSpan Measure, TimeSpan Picture) Times { get; private set; }

    /// <summary>Processes a row.</summary>
    /// <returns>The result, and the picture's PNG file; null if the row was refused.</returns>
    public (ResultRow Result, byte[]? Png) Make(Request request)
    {
        _next = _rowOf(request);
        _reader.MoveNext();
        var watch = Stopwatch.StartNew();
        TimeSpan measured = default;
        var result = new ResultRow { Id = request.Id, Source = request.Source, Motion = request.Motion, Frame = request.Frame,
            Reference = request.Reference };
        try
        {
            _reader.Measure(result);
            measured = watch.Elapsed;
            using MLImage photo = _reader.Photo();
            using var png = new MemoryStream();
            ImageCodec.EncodePng(ImageCodec.ToPixels(photo), png, _settings.Provenance ? Provenance.CompositeWithTrainedAlgorithms : null);
            byte[] file = png.ToArray();
            return (result with { Picture = $"{BatchRun.PicturesName}/{request.Id}.png",
                PictureSha256 = Convert.ToHexStringLower(SHA256.HashData(file)), Width = photo.Width, Height = photo.Height }, file);
        }
        catch (LwgException e)
        {
            return (result with { Status = ResultRow.Refused, Refusal = e.GetType().Name, Message = ConsoleProgram.MessageOf(e)
                .ReplaceLineEndings(" ") }, null);
        }
        finally
        {
            Times = (measured, watch.Elapsed - measured);
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _photos.Dispose();
    }

    // The cursor reads a row when it moves, after Make has set the next one.
    private IEnumerable<WorkRow> Rows()
    {
        while (true)
            yield return _next!;
    }
}
