namespace Lwg.MLNet.Service;

/// <summary>
/// Whether the client of the request that this flow of execution works for is still there. A prediction takes no token; so the steps that cost look here before they begin.
/// </summary>
internal static class RequestAtWork
{
    private static readonly AsyncLocal<CancellationToken> s_gone = new();

    /// <summary>From here on work is done for a request.</summary>
    /// <param name="gone">Is cancelled when its client goes.</param>
    public static void Begin(CancellationToken gone) => s_gone.Value = gone;

    /// <summary>Ends the work if nobody waits for it.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public static void ThrowIfAbandoned() => s_gone.Value.ThrowIfCancellationRequested();
}
