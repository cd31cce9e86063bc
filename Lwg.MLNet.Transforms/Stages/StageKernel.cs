namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Computes a stage's outputs from its inputs, buffer to buffer, for one row or cursor (one thread at a time).</summary>
/// <param name="Compute">Fills all outputs.</param>
/// <param name="Prepare">Computes what depends on the columns of the source alone; called before <paramref name="Compute"/> when one of
/// them changed.</param>
/// <param name="Owned">Disposed with the row or cursor.</param>
internal sealed record StageKernel(Action Compute, Action? Prepare = null, IDisposable? Owned = null);
