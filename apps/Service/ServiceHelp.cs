using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Lwg.MLNet.Service;

/// <summary>What <c>--help</c> shows: the settings, their defaults and what they may be.</summary>
internal static class ServiceHelp
{
    private static readonly Dictionary<string, string> s_meanings = new()
    {
        [nameof(ServiceOptions.Engines)] = "How many pictures are made at a time.",
        [nameof(ServiceOptions.QueueLength)] = "How many more requests may wait.",
        [nameof(ServiceOptions.PlacesPerClient)] = "How many requests one client may have at a time.",
        [nameof(ServiceOptions.Proxies)] =
            "Addresses of proxies before the service, separated by commas, whose X-Forwarded-For is believed.",
        [nameof(ServiceOptions.MaximumUploadBytes)] = "How many bytes a request may have.",
        [nameof(ServiceOptions.MaximumPixels)] = "How many pixels an uploaded picture may have.",
        [nameof(ServiceOptions.UploadSeconds)] = "How long an upload may take, seconds.",
        [nameof(ServiceOptions.MinimumBytesPerSecond)] = "How many bytes a second an upload must bring; 0 for no limit.",
        [nameof(ServiceOptions.RateGraceSeconds)] = "After how many seconds that rate counts.",
        [nameof(ServiceOptions.PictureSide)] = "The longer side of a picture, at most, pixels.",
        [nameof(ServiceOptions.AnimationSide)] = "The longer side of an animation, at most, pixels.",
        [nameof(ServiceOptions.Traces)] = "Where traces go: console, or the address of an OpenTelemetry collector (OTLP over HTTP).",
        [nameof(ServiceOptions.MaximumFrames)] = "How many frames an animation may have.",
        [nameof(ServiceOptions.Size)] = "Side of the square in which a person is worked on, pixels.",
        [nameof(ServiceOptions.Estimator)] = "The estimator of people: own, blazepose, a model folder, or best.",
        [nameof(ServiceOptions.Device)] = "What computes the networks: cpu, cuda (the first GPU), or auto, the GPU where it can be used.",
        [nameof(ServiceOptions.Generator)] = "What makes the pictures: default (our own weights) or texture (by rule).",
    };

    /// <summary>The text.</summary>
    public static string Text()
    {
        var text = new StringBuilder("Serves pictures of people who imitate motions.\n\nUsage: Lwg.MLNet.Service [--urls "
            + "http://localhost:5000] [--Lwg:<setting> <value> ...]\n\nSettings (also in appsettings.json, section Lwg, and in "
            + "environment variables, Lwg__<setting>):\n");
        var defaults = new ServiceOptions();
        foreach (PropertyInfo property in typeof(ServiceOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            string allowed = property.GetCustomAttribute<RangeAttribute>() is { } range
                ? string.Create(CultureInfo.InvariantCulture, $", {range.Minimum} to {range.Maximum}")
                : property.GetCustomAttribute<AllowedValuesAttribute>() is { } values ? $", {string.Join(" or ", values.Values)}" : "";
            text.Append(CultureInfo.InvariantCulture,
                $"  --Lwg:{property.Name,-22} {s_meanings[property.Name]} "
                + $"({(property.GetValue(defaults) is { } value && $"{value}".Length > 0 ? value : "none")}{allowed})\n");
        }
        return text.ToString().TrimEnd();
    }
}
