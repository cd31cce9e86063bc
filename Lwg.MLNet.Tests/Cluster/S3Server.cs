using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.S3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>The parts of an S3 service that the store uses, on a port of this machine: objects of one bucket, pages of their names, and
/// errors on demand.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "pictures";
    public const string AccessKey = "AKIDEXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI";

    private static readonly XNamespace s_names = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly WebApplication _app;

    private S3Server(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, byte[]> Objects { get; } = [];

    /// <summary>The received requests: method and key.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Errors in the signatures of requests.</summary>
    public ConcurrentQueue<string> Unsigned { get; } = [];

    /// <summary>The errors of the next requests, status and code; later requests succeed.</summary>
    public ConcurrentQueue<(int Status, string Code)> Troubles { get; } = [];

    /// <summary>The number of names of a page.</summary>
    public int PageLength { get; set; } = 3;

    public string Endpoint => _app.Urls.Single();

    public static async Task<S3Server> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var server = new S3Server(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>Opens a store in the service.</summary>
    public S3Store Open(string bucket = Bucket, string prefix = "lwg/") =>
        new(new S3Place(bucket, prefix), Config(Endpoint), new BasicAWSCredentials(AccessKey, SecretKey));

    /// <summary>Returns the client configuration for a service with one address.</summary>
    public static AmazonS3Config Config(string endpoint)
    {
        string? before = Environment.GetEnvironmentVariable(S3Place.EndpointVariable);
        Environment.SetEnvironmentVariable(S3Place.EndpointVariable, endpoint);
        try
        {
            return S3Place.ConfigureClient();
        }
        finally
        {
            Environment.SetEnvironmentVariable(S3Place.EndpointVariable, before);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        string[] parts = request.Path.Value!.Split('/', 3);
        string key = parts.Length > 2 ? parts[2] : "";
        Asked.Enqueue($"{request.Method} {key}");
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        CheckSignature(request, body.ToArray());
        if (Troubles.TryDequeue(out (int Status, string Code) trouble))
            await FailAsync(context, trouble.Status, trouble.Code);
        else if (parts[1] != Bucket)
            await FailAsync(context, 404, "NoSuchBucket");
        else if (key.Length == 0)
            await ListAsync(context);
        else if (request.Method == "PUT")
            Objects[key] = body.ToArray();
        else if (request.Method == "DELETE")
            Remove(context, key);
        else if (Objects.TryGetValue(key, out byte[]? bytes))
            await SendAsync(context, bytes);
        else
            await FailAsync(context, 404, "NoSuchKey");
    }

    // The signature names its key and covers the hash of the content.
    private void CheckSignature(HttpRequest request, byte[] body)
    {
        string signature = request.Headers.Authorization.ToString(), hash = request.Headers["x-amz-content-sha256"].ToString();
        if (!signature.StartsWith($"AWS4-HMAC-SHA256 Credential={AccessKey}/", StringComparison.Ordinal)
            || !signature.Contains("/us-east-1/s3/aws4_request", StringComparison.Ordinal)
            || signature.Split("Signature=") is not [_, { Length: 64 } digits] || !digits.All(char.IsAsciiHexDigitLower)
            || !signature.Contains("x-amz-content-sha256", StringComparison.Ordinal))
            Unsigned.Enqueue($"{request.Method} {request.Path}: {signature}");
        if (hash != Convert.ToHexStringLower(SHA256.HashData(body)))
            Unsigned.Enqueue($"{request.Method} {request.Path}: its hash is '{hash}'");
    }

    // Removing a missing object succeeds too.
    private void Remove(HttpContext context, string key)
    {
        Objects.TryRemove(key, out _);
        context.Response.StatusCode = 204;
    }

    private static async Task SendAsync(HttpContext context, byte[] bytes)
    {
        // S3's ETag is an MD5, with which the SDK compares the received content.
#pragma warning disable CA5351
        context.Response.Headers.ETag = $"\"{Convert.ToHexStringLower(MD5.HashData(bytes))}\"";
#pragma warning restore CA5351
        context.Response.Headers.LastModified = "Mon, 02 Mar 2026 08:00:00 GMT";
        ArraySegment<byte> part = bytes;
        if (context.Request.Headers.Range.ToString() is { Length: > 0 } range)
        {
            long[] ends = [.. range["bytes=".Length..].Split('-').Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
            if (ends[0] >= bytes.Length)
            {
                await FailAsync(context, 416, "InvalidRange");
                return;
            }
            int last = (int)Math.Min(ends[1], bytes.Length - 1);
            part = part[(int)ends[0]..(last + 1)];
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {ends[0]}-{last}/{bytes.Length}";
        }
        context.Response.ContentLength = part.Count;
        if (context.Request.Method != "HEAD")
            await context.Response.Body.WriteAsync(part);
    }

    private async Task ListAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        string prefix = query["prefix"].ToString(), after = query["continuation-token"].ToString();
        int most = int.TryParse(query["max-keys"], CultureInfo.InvariantCulture, out int keys) ? keys : PageLength;
        string[] names = [.. Objects.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(k, after) > 0)
            .Order(StringComparer.Ordinal)];
        var result = new XElement(s_names + "ListBucketResult", new XElement(s_names + "Name", Bucket),
            new XElement(s_names + "Prefix", prefix), new XElement(s_names + "IsTruncated", names.Length > most));
        foreach (string name in names.Take(most))
            result.Add(new XElement(s_names + "Contents", new XElement(s_names + "Key", name),
                new XElement(s_names + "Size", Objects[name].Length)));
        if (names.Length > most)
            result.Add(new XElement(s_names + "NextContinuationToken", names[most - 1]));
        await WriteAsync(context, result);
    }

    private static Task FailAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        // Answers to HEAD have no body.
        return context.Request.Method == "HEAD" ? Task.CompletedTask
            : WriteAsync(context, new XElement("Error", new XElement("Code", code), new XElement("Message", $"The test wants {code}.")));
    }

    private static Task WriteAsync(HttpContext context, XElement xml)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>{xml.ToString(SaveOptions.DisableFormatting)}");
    }
}
