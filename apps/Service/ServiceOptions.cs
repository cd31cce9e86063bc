using System.ComponentModel.DataAnnotations;
using Lwg.MLNet.Extensions;

namespace Lwg.MLNet.Service;

/// <summary>What the service allows and takes; the section 'Lwg' of the configuration, for example <c>--Lwg:Engines 4</c> on the command
/// line.</summary>
internal sealed class ServiceOptions : PersonTransferOptions
{
    public new const string Section = "Lwg";

    /// <summary>How many more requests may wait; what comes beyond is turned away at once.</summary>
    [Range(0, 10_000)]
    public int QueueLength { get; set; } = 16;

    /// <summary>How many places one client (an IPv4 address, or the 64 bits of an IPv6 network) may hold at a time.</summary>
    [Range(1, 10_000)]
    public int PlacesPerClient { get; set; } = 4;

    /// <summary>The addresses of the proxies before the service, separated by commas: what they say in <c>X-Forwarded-For</c> is believed.
    /// Without it all that comes through a proxy is one client.</summary>
    public string Proxies { get; set; } = "";

    /// <summary>How many bytes a request may have.</summary>
    [Range(1 << 10, 256 << 20)]
    public int MaximumUploadBytes { get; set; } = 12 << 20;

    /// <summary>How many pixels an uploaded picture may have.</summary>
    [Range(32 * 32, 64_000_000)]
    public int MaximumPixels { get; set; } = 16_000_000;

    /// <summary>How long an upload may take, seconds.</summary>
    [Range(1, 3600)]
    public int UploadSeconds { get; set; } = 30;

    /// <summary>How many bytes a second an upload must bring, on average since it began; 0 for no such limit.</summary>
    [Range(0, 1 << 24)]
    public int MinimumBytesPerSecond { get; set; } = 4096;

    /// <summary>After how many seconds that rate counts.</summary>
    [Range(2, 3600)]
    public int RateGraceSeconds { get; set; } = 5;

    /// <summary>The longer side of a picture that is made, at most, pixels; larger photographs are made smaller first.</summary>
    [Range(64, 4096)]
    public int PictureSide { get; set; } = 1024;

    /// <summary>The longer side of an animation, at most, pixels.</summary>
    [Range(64, 2048)]
    public int AnimationSide { get; set; } = 512;

    /// <summary>Where traces of requests and of the engines' work go: 'console', or the address of an OpenTelemetry collector that listens
    /// to OTLP over HTTP, as http://localhost:4318. Nowhere where it is empty.</summary>
    public string Traces { get; set; } = "";

    /// <summary>How many frames an animation may have.</summary>
    [Range(2, 240)]
    public int MaximumFrames { get; set; } = 24;
}
