using Amazon.Runtime;
using Amazon.S3;

namespace Lwg.MLNet.Cluster;

/// <summary>A place in a bucket of an S3 service.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">The prefix of all names: empty, or with a '/' at its end.</param>
internal sealed record S3Place(string Bucket, string Prefix)
{
    public const string Scheme = "s3://";

    /// <summary>The environment variable with the address of a service that is not Amazon's.</summary>
    public const string EndpointVariable = "LWG_S3_ENDPOINT";

    /// <summary>Parses <c>s3://bucket/prefix</c>.</summary>
    /// <exception cref="LwgException">The text has another form.</exception>
    public static S3Place Parse(string place)
    {
        string[] parts = place[Scheme.Length..].Split('/', 2);
        string bucket = parts[0], prefix = parts.Length > 1 ? parts[1].Trim('/') : "";
        if (bucket.Length is < 3 or > 63 || !bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            throw new LwgException($"--store is '{place}'; 's3://bucket' or 's3://bucket/prefix' is needed, and a bucket's name has 3 to "
                + $"63 lower-case letters, digits, '-' and '.'.");
        return new S3Place(bucket, prefix.Length > 0 ? prefix + "/" : "");
    }

    /// <summary>Creates the client's configuration: that of the SDK (environment, profile, the machine's role), or the address in <see
    /// cref="EndpointVariable"/>.</summary>
    /// <exception cref="LwgException">The variable is not a URL.</exception>
    public static AmazonS3Config ConfigureClient()
    {
        var config = new AmazonS3Config
        {
            // Requests are signed with the hash of their content; not all other services support further checksums.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            Timeout = TimeSpan.FromMinutes(10),
        };
        if (Environment.GetEnvironmentVariable(EndpointVariable) is not { Length: > 0 } endpoint)
            return config;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
            throw new LwgException($"{EndpointVariable} is '{endpoint}'; a URL is needed, for example http://localhost:9000.");
        // Such services have one address for all buckets, and accept any region.
        string region = Environment.GetEnvironmentVariable("AWS_REGION") is { Length: > 0 } named ? named : "us-east-1";
        (config.ServiceURL, config.ForcePathStyle, config.AuthenticationRegion) = (endpoint, true, region);
        return config;
    }

    public override string ToString() => $"{Scheme}{Bucket}/{Prefix}".TrimEnd('/');
}
