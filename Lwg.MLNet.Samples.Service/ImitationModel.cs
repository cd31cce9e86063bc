using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms;
using Microsoft.Extensions.Options;
using Microsoft.ML;

namespace Lwg.MLNet.Samples.Service;

/// <summary>The fitted pipelines: fitted once, and shared by all engines, as their networks are.</summary>
internal sealed class ImitationModel : IDisposable
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly LearnedSmplEstimator _estimator = OwnModels.OpenEstimator();
    private readonly ITransferGenerator _generator;
    private readonly ITransformer _imitate;
    private readonly ITransformer _find;

    public ImitationModel(IOptions<ServiceOptions> options)
    {
        int size = options.Value.Size;
        _generator = options.Value.Generator == "texture" ? new TextureWarpGenerator(BodyModel.Default) : OwnModels.OpenGenerator();
        TransformsCatalog catalog = _mlContext.Transforms;
        // SourcePhoto and ReferenceSmpl become TargetPhoto...
        _imitate = catalog.FindPerson(_estimator, "Source", size)
            .Append(catalog.ImitateMotion(new MotionImitationOptions { ImageSize = size, PersonMaskColumnName = "SourcePersonMask" }, generator: _generator))
            .Append(catalog.MeasureTransferQuality())
            .Append(catalog.ComposeIntoImage(imageSize: size))
            .Fit(_mlContext.Data.LoadFromEnumerable<PhotoRow>([]));
        // ...and ReferencePhoto becomes ReferenceSmpl, where a photograph's pose is imitated.
        _find = catalog.FindPerson(_estimator, "Reference", size).Fit(_mlContext.Data.LoadFromEnumerable<ReferenceRow>([]));
    }

    /// <summary>An engine: buffers of its own over what is shared.</summary>
    public Engine CreateEngine()
    {
        var shared = new PredictionEngineOptions { OwnsTransformer = false };
        return new Engine(
            _mlContext.Model.CreatePredictionEngine<PhotoRow, PictureRow>(_imitate, shared),
            _mlContext.Model.CreatePredictionEngine<ReferenceRow, PoseRow>(_find, shared));
    }

    public void Dispose()
    {
        (_generator as IDisposable)?.Dispose();
        _estimator.Dispose();
    }
}
