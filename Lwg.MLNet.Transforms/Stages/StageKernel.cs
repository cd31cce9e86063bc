namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Computes the output buffers of a stage from its input buffers, for one row or cursor (one thread at a time).</summary>
/// <param name="Compute">Fills all outputs.</param>
/// <param name="Prepare">Computes results that depend on the source columns only; called before <paramref name="Compute"/> if one of them
/// has changed.</param>
/// <param name="Owned">Disposed with the row or cursor.</param>
internal sealed record StageKernel(Action Compute, Action? Prepare = null, IDisposable? Owned = null);
