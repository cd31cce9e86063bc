namespace Lwg.MLNet.Batch;

/// <summary>The error for a request that cannot be processed as written in the table.</summary>
/// <param name="message">One sentence that gives the error, its place and the allowed values.</param>
internal sealed class RequestException(string message) : LwgException(message);
