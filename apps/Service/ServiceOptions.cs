using System.ComponentModel.DataAnnotations;
using Lwg.MLNet.Extensions;

namespace Lwg.MLNet.Service;

/// <summary>The limits and models of the service: the section 'Lwg' of the configuration, for example <c>--Lwg:Engines 4</c> on the
/// command line.</summary>
internal sealed class ServiceOptions : PersonTransferOptions
{
    public new const string Section = "Lwg";

    /// <summary>The number of requests that may wait; further ones are rejected at once.</summary>
    [Range(0, 10_000)]
    public int QueueLength { get; set; } = 16;

    /// <summary>The number of places that one client (an IPv4 address, or the 64 bits of an IPv6 network) may hold at a time.</summary>
    [Range(1, 10_000)]
    public int PlacesPerClient { get; set; } = 4;

    /// <summary>The addresses of trusted proxies in front of the service, separated by commas: their <c>X-Forwarded-For</c> gives the
    /// client's address. Without it, all requests through a proxy count as one client.</summary>
    public string Proxies { get; set; } = "";

    /// <summary>The maximum number of bytes of a request.</summary>
    [Range(1 << 10, 256 << 20)]
    public int MaximumUploadBytes { get; set; } = 12 << 20;

    /// <summary>The maximum number of pixels of an uploaded picture.</summary>
    [Range(32 * 32, 64_000_000)]
    public int MaximumPixels { get; set; } = 16_000_000;

    /// <summary>The maximum duration of an upload, in seconds.</summary>
    [Range(1, 3600)]
    public int UploadSeconds { get; set; } = 30;

    /// <summary>The minimum rate of an upload, in bytes a second, on average since its start; 0 for no limit.</summary>
    [Range(0, 1 << 24)]
    public int MinimumBytesPerSecond { get; set; } = 4096;

    /// <summary>The number of seconds after which that rate applies.</summary>
    [Range(2, 3600)]
    public int RateGraceSeconds { get; set; } = 5;

    /// <summary>The maximum length of a result's longer side, in pixels; larger photographs are shrunk first.</summary>
    [Range(64, 4096)]
    public int PictureSide { get; set; } = 1024;

    /// <summary>The maximum length of an animation's longer side, in pixels.</summary>
    [Range(64, 2048)]
    public int AnimationSide { get; set; } = 512;

    /// <summary>The target of traces of requests and engines: 'console', or the address of an OpenTelemetry collector (OTLP over HTTP),
    /// such as http://localhost:4318. Empty for no traces.</summary>
    public string Traces { get; set; } = "";

    /// <summary>The maximum number of frames of an animation.</summary>
    [Range(2, 240)]
    public int MaximumFrames { get; set; } = 24;
}
