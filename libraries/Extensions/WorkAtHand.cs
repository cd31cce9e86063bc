namespace Lwg.MLNet.Extensions;

/// <summary>
/// Whether the work of this flow of execution is still wanted. A prediction takes no token; so the steps that cost look here before they
/// begin.
/// </summary>
internal static class WorkAtHand
{
    private static readonly AsyncLocal<CancellationToken> s_gone = new();

    /// <summary>From here on work is done for somebody.</summary>
    /// <param name="gone">Is cancelled when the result is not wanted any more.</param>
    public static void Begin(CancellationToken gone) => s_gone.Value = gone;

    /// <summary>Ends the work if nobody waits for it.</summary>
    /// <exception cref="OperationCanceledException">It is not.</exception>
    public static void ThrowIfAbandoned() => s_gone.Value.ThrowIfCancellationRequested();
}
