using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Batch;

/// <summary>What results depend on, so that equal is done once and different is told apart.</summary>
internal static class BatchIdentity
{
    /// <summary>All but the rows themselves that pictures and table depend on.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="estimator">The hash of the estimator's package.</param>
    public static string Of(BatchSettings settings, string estimator) => string.Create(
        CultureInfo.InvariantCulture,
        $"library {typeof(LwgException).Assembly.GetName().Version}, body {BodyModel.Default.Hash}, estimator {estimator}, generator "
        + $"{GeneratorChoice.Identity(settings.Generator)}, size {settings.Size}, camera {settings.Camera}, minimum shown "
        + $"{settings.MinimumShown}, refuse poor {settings.RefusePoor}, provenance "
        + $"{settings.Provenance}{(settings.Device == ComputeDevice.Cpu ? "" : $", device {settings.Device}")}");

    /// <summary>The hash of all that a row's result depends on, the content of its files too.</summary>
    public static string KeyOf(Request request, bool marked, string identity, IPictures pictures)
    {
        string motion = IsFile(request.Motion) ? pictures.HashOf(request.Motion) : "";
        string reference = request.Reference.Length == 0 ? "" : pictures.HashOf(request.Reference);
        return Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
            new { identity, marked, request, source = pictures.HashOf(request.Source), motion, reference })));
    }

    /// <summary>The files that a row names: photographs and motions, built-in motions not.</summary>
    public static IEnumerable<string> FilesOf(Request request) =>
        new[] { request.Source, request.Reference, IsFile(request.Motion) ? request.Motion : "" }.Where(name => name.Length > 0).Distinct();

    private static bool IsFile(string motion) => motion.Length > 0 && !MotionClip.BuiltInNames.Contains(motion);
}
