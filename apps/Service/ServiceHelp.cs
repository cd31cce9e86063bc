using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Lwg.MLNet.Service;

/// <summary>The text of <c>--help</c>: the settings, their defaults and allowed values.</summary>
internal static class ServiceHelp
{
    private static readonly Dictionary<string, string> s_meanings = new()
    {
        [nameof(ServiceOptions.Engines)] = "How many pictures are made in parallel.",
        [nameof(ServiceOptions.QueueLength)] = "How many more requests may wait.",
        [nameof(ServiceOptions.PlacesPerClient)] = "How many requests one client may have at a time.",
        [nameof(ServiceOptions.Proxies)] =
            "Addresses of trusted proxies in front of the service, separated by commas, whose X-Forwarded-For is used.",
        [nameof(ServiceOptions.MaximumUploadBytes)] = "How many bytes a request may have.",
        [nameof(ServiceOptions.MaximumPixels)] = "How many pixels an uploaded picture may have.",
        [nameof(ServiceOptions.UploadSeconds)] = "How long an upload may take, in seconds.",
        [nameof(ServiceOptions.MinimumBytesPerSecond)] = "The minimum rate of an upload, in bytes a second; 0 for no limit.",
        [nameof(ServiceOptions.RateGraceSeconds)] = "The number of seconds after which that rate applies.",
        [nameof(ServiceOptions.PictureSide)] = "The maximum length of a picture's longer side, in pixels.",
        [nameof(ServiceOptions.AnimationSide)] = "The maximum length of an animation's longer side, in pixels.",
        [nameof(ServiceOptions.Traces)] = "The target of traces: console, or the address of an OpenTelemetry collector (OTLP over HTTP).",
        [nameof(ServiceOptions.MaximumFrames)] = "How many frames an animation may have.",
        [nameof(ServiceOptions.Size)] = "Side of the square around a person that is processed, in pixels.",
        [nameof(ServiceOptions.Estimator)] = "The person estimator: own, blazepose, a model folder, or best.",
        [nameof(ServiceOptions.Device)] = "The device for the networks: cpu, cuda (the first GPU), or auto (the GPU if it can be used).",
        [nameof(ServiceOptions.Generator)] = "The generator: default (built-in weights) or texture (rule-based, no weights).",
    };

    /// <summary>Returns the text.</summary>
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
