namespace Lwg.MLNet.Cluster;

/// <summary>The store cannot be reached, is full, or holds something damaged: no row's fault. It is not an <see cref="LwgException"/>, so
/// that no row is refused for it.</summary>
/// <param name="message">One sentence.</param>
/// <param name="inner">What happened.</param>
internal sealed class StoreException(string message, Exception? inner = null) : IOException(message, inner);
