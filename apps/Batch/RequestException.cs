namespace Lwg.MLNet.Batch;

/// <summary>A request that cannot be served as it stands in the table.</summary>
/// <param name="message">One sentence: what was wrong, where, and what is allowed.</param>
internal sealed class RequestException(string message) : LwgException(message);
