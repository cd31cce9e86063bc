using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lwg.MLNet.Cluster;

/// <summary>A store in a bucket of an S3 service. Objects are written atomically; equal content has equal names, so that writing twice
/// does no harm. Buckets are not created.</summary>
internal sealed class S3Store : IStore, IDisposable
{
    /// <summary>The maximum number of bytes of a single read; writes can be longer.</summary>
    private const long LongestRead = 1L << 30;

    private readonly S3Place _place;
    private readonly AmazonS3Client _client;
    private readonly LocalCopies _copies = new();
    private bool _bucketSeen;

    /// <summary>Opens the store without a request.</summary>
    /// <param name="place">The bucket and prefix.</param>
    /// <param name="config">The configuration of the client.</param>
    /// <param name="credentials">The credentials; null for those that the SDK finds.</param>
    /// <exception cref="LwgException">The configuration lacks something.</exception>
    public S3Store(S3Place place, AmazonS3Config config, AWSCredentials? credentials = null)
    {
        _place = place;
        try
        {
            _client = credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
        }
        catch (AmazonClientException e)
        {
            throw new LwgException($"The store '{place}' cannot be used: {Sentence(e)} Set AWS_REGION or "
                + $"{S3Place.EndpointVariable}.", e);
        }
    }

    public Task<bool> ExistsAsync(string name) => TryAsync(
        async () =>
        {
            try
            {
                await _client.GetObjectMetadataAsync(_place.Bucket, KeyOf(name));
                return true;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // This response has no error text; the bucket itself may be missing.
                if (!_bucketSeen)
                    await CheckAsync();
                return false;
            }
        },
        name);

    public Task<byte[]?> ReadAsync(string name) => TryAsync(
        async () =>
        {
            try
            {
                using GetObjectResponse response = await _client.GetObjectAsync(_place.Bucket, KeyOf(name));
                if (response.ContentLength > LongestRead)
                    throw new StoreException($"The store '{_place}' has a '{name}' of {response.ContentLength} bytes; at most "
                        + $"{LongestRead} are read.");
                return await ReadAsync(response, response.ContentLength);
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
            {
                return null;
            }
        },
        name);

    public Task<byte[]> ReadAsync(string name, long offset, int count) => TryAsync(
        async () =>
        {
            if (count == 0)
                return [];
            var request = new GetObjectRequest { BucketName = _place.Bucket, Key = KeyOf(name),
                ByteRange = new ByteRange(offset, offset + count - 1) };
            using GetObjectResponse response = await _client.GetObjectAsync(request);
            if (response.HttpStatusCode != HttpStatusCode.PartialContent || response.ContentLength != count)
                throw new StoreException($"The store '{_place}' has no bytes {offset} to {offset + count - 1} of '{name}'.");
            return await ReadAsync(response, count);
        },
        name);

    public Task WriteAsync(string name, Func<Stream, Task> write) => TryAsync(
        async () =>
        {
            // The content is signed with its hash, sent again if the connection breaks, and can be larger than memory.
            await using var content = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16,
                FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            await write(content);
            content.Position = 0;
            await _client.PutObjectAsync(new PutObjectRequest { BucketName = _place.Bucket, Key = KeyOf(name), InputStream = content,
                AutoCloseStream = false, UseChunkEncoding = false, DisablePayloadSigning = false });
            return true;
        },
        name);

    public Task DeleteAsync(string name) => TryAsync(async () => await _client.DeleteObjectAsync(_place.Bucket, KeyOf(name)), name);

    public async IAsyncEnumerable<string> ListAsync(string folder)
    {
        var request = new ListObjectsV2Request { BucketName = _place.Bucket, Prefix = KeyOf(StoreExtensions.PrefixOf(folder)) };
        ListObjectsV2Response page;
        do
        {
            page = await TryAsync(() => _client.ListObjectsV2Async(request), folder);
            foreach (S3Object entry in page.S3Objects ?? [])
                yield return entry.Key[_place.Prefix.Length..];
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    public Task<string> LocalFileAsync(string name) =>
        _copies.GetAsync(name, async () => await ReadAsync(name) ?? throw new StoreException($"The store '{_place}' has no '{name}'."));

    public Task CheckAsync() => TryAsync(() =>
        _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _place.Bucket, Prefix = _place.Prefix, MaxKeys = 1 }), "");

    public void Dispose()
    {
        _client.Dispose();
        _copies.Dispose();
    }

    private string KeyOf(string name) => _place.Prefix + name;

    private static async Task<byte[]> ReadAsync(GetObjectResponse response, long count)
    {
        byte[] bytes = new byte[count];
        await using Stream stream = response.ResponseStream;
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private async Task<T> TryAsync<T>(Func<Task<T>> action, string name)
    {
        try
        {
            T result = await action();
            _bucketSeen = true;
            return result;
        }
        catch (AmazonS3Exception e)
        {
            throw new StoreException($"The store '{_place}' {Reason(e)}{(name.Length > 0 ? $" ('{name}')" : "")}{Sentence(e, ": ")}", e);
        }
        // The SDK's message lists all places where it searched; there is no specific exception type.
        catch (AmazonClientException e) when (e.Message.Contains("resolve AWS credentials", StringComparison.Ordinal))
        {
            throw new StoreException($"The store '{_place}' cannot be used: there are no credentials; AWS_ACCESS_KEY_ID and "
                + $"AWS_SECRET_ACCESS_KEY, a profile of AWS, or a role of the machine is needed.", e);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or SocketException or TaskCanceledException
        or TimeoutException || e is IOException and not StoreException)
        {
            string where = _client.Config.ServiceURL is { Length: > 0 } url ? $" at {url}" : "";
            throw new StoreException($"The store '{_place}' cannot be reached{where}: {Sentence(e.GetBaseException())}", e);
        }
    }

    private string Reason(AmazonS3Exception e) => e switch
    {
        { ErrorCode: "NoSuchBucket" } => $"cannot be reached: there is no bucket '{_place.Bucket}'",
        { StatusCode: HttpStatusCode.InsufficientStorage } => "is full",
        _ when e.ErrorCode is { } code
            && (code.Contains("Quota", StringComparison.Ordinal) || code.Contains("StorageFull", StringComparison.Ordinal)) => "is full",
        { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } => $"denies access ({e.ErrorCode})",
        { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable } or { ErrorCode: "NoSuchKey" } => "has no such part of an entry",
        { StatusCode: >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests } => $"does not answer now ({e.ErrorCode})",
        _ => $"cannot be used ({e.ErrorCode})",
    };

    private static string Sentence(Exception e, string before = "")
    {
        string text = e.Message.ReplaceLineEndings(" ").Trim();
        return text.Length == 0 ? "." : before + (text.EndsWith('.') ? text : text + ".");
    }
}
