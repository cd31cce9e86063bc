namespace Lwg.MLNet.Cluster;

/// <summary>Opens the store that <c>--store</c> names: a folder, or a bucket of an S3 service.</summary>
internal static class Stores
{
    /// <summary>Returns whether a store is in a bucket.</summary>
    public static bool IsS3(string place) => place.StartsWith(S3Place.Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens a store.</summary>
    /// <param name="place">A folder, or <c>s3://bucket/prefix</c>.</param>
    /// <param name="create">Whether a missing folder is created; buckets never are.</param>
    /// <exception cref="LwgException">The name is not valid, or the store cannot be created.</exception>
    public static IStore Open(string place, bool create) => IsS3(place) ? new S3Store(S3Place.Parse(place), S3Place.ConfigureClient())
        : new FolderStore(place, create);
}
