namespace Lwg.MLNet.Cluster;

/// <summary>The error for a store that cannot be reached, is full, or contains damaged data. It is not an <see cref="LwgException"/>, so
/// that no row is refused because of it.</summary>
/// <param name="message">One sentence about the problem.</param>
/// <param name="inner">The cause.</param>
internal sealed class StoreException(string message, Exception? inner = null) : IOException(message, inner);
