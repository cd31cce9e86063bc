using System.Collections.Concurrent;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.Extensions.Options;
using Microsoft.ML;

namespace Lwg.MLNet.Extensions;

/// <summary>The fitted pipelines. They are fitted once and shared by all engines, as are their networks.</summary>
internal sealed class PersonTransferModel
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly ITransformer _imitate;
    private readonly ITransformer _find;

    // Fitted on first use: many applications only use motion imitation.
    private readonly ConcurrentDictionary<string, Lazy<ITransformer>> _swaps = [];
    private readonly Lazy<ITransformer> _view;
    private readonly Func<string, ITransformer> _fitSwap;

    public PersonTransferModel(IOptions<PersonTransferOptions> options, SmplEstimator estimator, TransferGenerator generator)
    {
        int size = options.Value.Size;
        TransformsCatalog catalog = _mlContext.Transforms;
        (estimator, generator) = (new WatchedEstimator(estimator, WorkAtHand.ThrowIfAbandoned),
            new WatchedGenerator(generator, WorkAtHand.ThrowIfAbandoned));
        // SourcePhoto and ReferenceSmpl become TargetPhoto...
        _imitate = catalog.FindPerson(estimator, "Source", size)
            .Append(catalog.ImitateMotion(generator,
            new ImitateMotionOptions { ImageSize = size, PersonMaskColumnName = "SourcePersonMask", KeepIntermediate = true }))
            .Append(catalog.MeasureTransferQuality())
            .Append(catalog.ComposeIntoImage(imageSize: size))
            .Fit(_mlContext.Data.LoadFromEnumerable<PhotoRow>([]));
        // ...and ReferencePhoto becomes ReferenceSmpl, to imitate the pose of a photograph.
        _find = catalog.FindPerson(estimator, "Reference", size).Fit(_mlContext.Data.LoadFromEnumerable<ReferenceRow>([]));
        // SourcePhoto and ReferencePhoto become TargetPhoto, the source in the reference's clothes.
        _fitSwap = parts => catalog.FindPerson(estimator, "Source", size)
            .Append(catalog.FindPerson(estimator, "Reference", size))
            .Append(catalog.TransferAppearance(generator,
            new TransferAppearanceOptions { ImageSize = size, Parts = [parts], PersonMaskColumnName = "SourcePersonMask",
            ReferencePersonMaskColumnName = "ReferencePersonMask" }))
            .Append(catalog.ComposeIntoImage(imageSize: size))
            .Fit(_mlContext.Data.LoadFromEnumerable<CoupleRow>([]));
        // SourcePhoto and ViewAngles become TargetPhoto.
        _view = new Lazy<ITransformer>(() => catalog.FindPerson(estimator, "Source", size)
            .Append(catalog.SynthesizeView(generator,
            new SynthesizeViewOptions { ImageSize = size, PersonMaskColumnName = "SourcePersonMask", KeepIntermediate = true }))
            .Append(catalog.MeasureTransferQuality())
            .Append(catalog.ComposeIntoImage(imageSize: size))
            .Fit(_mlContext.Data.LoadFromEnumerable<PhotoViewRow>([])));
    }

    /// <summary>Creates an engine, which has its own buffers and shares the pipelines.</summary>
    public PersonTransferEngine CreateEngine()
    {
        var shared = new PredictionEngineOptions { OwnsTransformer = false };
        return new PersonTransferEngine(
            _mlContext.Model.CreatePredictionEngine<PhotoRow, PictureRow>(_imitate, shared),
            _mlContext.Model.CreatePredictionEngine<ReferenceRow, PoseRow>(_find, shared),
            parts => _mlContext.Model.CreatePredictionEngine<CoupleRow, SwapRow>(SwapOf(parts), shared),
            () => _mlContext.Model.CreatePredictionEngine<PhotoViewRow, PictureRow>(_view.Value, shared));
    }

    // Names that the body does not have are not remembered.
    private ITransformer SwapOf(string parts)
    {
        try
        {
            return _swaps.GetOrAdd(parts, _ => new Lazy<ITransformer>(() => _fitSwap(parts))).Value;
        }
        catch
        {
            _swaps.TryRemove(parts, out _);
            throw;
        }
    }
}
