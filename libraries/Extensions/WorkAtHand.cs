namespace Lwg.MLNet.Extensions;

/// <summary>The cancellation token of the current flow of execution. A prediction takes no token, so expensive steps check this one
/// before they start.</summary>
internal static class WorkAtHand
{
    private static readonly AsyncLocal<CancellationToken> s_gone = new();

    /// <summary>Sets the token for the current flow of execution.</summary>
    /// <param name="gone">Cancelled when the result is no longer needed.</param>
    public static void Begin(CancellationToken gone) => s_gone.Value = gone;

    /// <summary>Throws if the result is no longer needed.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static void ThrowIfAbandoned() => s_gone.Value.ThrowIfCancellationRequested();
}
