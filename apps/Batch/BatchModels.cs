using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Batch;

/// <summary>The opened models of the settings. Engines on several threads can share them.</summary>
internal sealed class BatchModels : IDisposable
{
    /// <exception cref="LwgException">A model is not on this machine, or is damaged.</exception>
    public BatchModels(BatchSettings settings, TextWriter output)
    {
        NetworkRuntimeOptions runtime = settings.Device.Runtime(output);
        Estimator = PersonEstimators.Open(settings.Estimator, runtime);
        Generator = GeneratorChoice.Open(settings.Generator, runtime);
    }

    public SmplEstimator Estimator { get; }

    public TransferGenerator Generator { get; }

    public void Dispose()
    {
        (Estimator as IDisposable)?.Dispose();
        (Generator as IDisposable)?.Dispose();
    }
}
