using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.Extensions.Options;
using Microsoft.ML;

namespace Lwg.MLNet.Extensions;

/// <summary>The fitted pipelines: fitted once, and shared by all engines, as their networks are.</summary>
internal sealed class PersonTransferModel
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly ITransformer _imitate;
    private readonly ITransformer _find;

    public PersonTransferModel(IOptions<PersonTransferOptions> options, SmplEstimator estimator, TransferGenerator generator)
    {
        int size = options.Value.Size;
        TransformsCatalog catalog = _mlContext.Transforms;
        (estimator, generator) = (new WatchedEstimator(estimator, WorkAtHand.ThrowIfAbandoned), new WatchedGenerator(generator, WorkAtHand.ThrowIfAbandoned));
        // SourcePhoto and ReferenceSmpl become TargetPhoto...
        _imitate = catalog.FindPerson(estimator, "Source", size)
            .Append(catalog.ImitateMotion(generator, new ImitateMotionOptions { ImageSize = size, PersonMaskColumnName = "SourcePersonMask", KeepIntermediate = true }))
            .Append(catalog.MeasureTransferQuality())
            .Append(catalog.ComposeIntoImage(imageSize: size))
            .Fit(_mlContext.Data.LoadFromEnumerable<PhotoRow>([]));
        // ...and ReferencePhoto becomes ReferenceSmpl, where a photograph's pose is imitated.
        _find = catalog.FindPerson(estimator, "Reference", size).Fit(_mlContext.Data.LoadFromEnumerable<ReferenceRow>([]));
    }

    /// <summary>An engine: buffers of its own over what is shared.</summary>
    public PersonTransferEngine CreateEngine()
    {
        var shared = new PredictionEngineOptions { OwnsTransformer = false };
        return new PersonTransferEngine(
            _mlContext.Model.CreatePredictionEngine<PhotoRow, PictureRow>(_imitate, shared),
            _mlContext.Model.CreatePredictionEngine<ReferenceRow, PoseRow>(_find, shared));
    }
}
