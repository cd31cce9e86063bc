using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Batch;

/// <summary>The inputs that results depend on: rows with equal inputs are computed once, and a changed input gives another key.</summary>
internal static class BatchIdentity
{
    /// <summary>Returns a text of everything that pictures and table depend on, except the rows.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="estimator">The hash of the estimator's package.</param>
    public static string Of(BatchSettings settings, string estimator) => string.Create(
        CultureInfo.InvariantCulture,
        $"library {typeof(LwgException).Assembly.GetName().Version}, body {BodyModel.Default.Hash}, estimator {estimator}, generator "
        + $"{GeneratorChoice.Identity(settings.Generator)}, size {settings.Size}, camera {settings.Camera}, minimum shown "
        + $"{settings.MinimumShown}, refuse poor {settings.RefusePoor}, provenance "
        + $"{settings.Provenance}{(settings.Device == ComputeDevice.Cpu ? "" : $", device {settings.Device}")}");

    /// <summary>Computes the hash of everything that a row's result depends on, including the content of its files.</summary>
    public static string KeyOf(Request request, bool marked, string identity, IPictures pictures)
    {
        string motion = IsFile(request.Motion) ? pictures.HashOf(request.Motion) : "";
        string reference = request.Reference.Length == 0 ? "" : pictures.HashOf(request.Reference);
        return Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
            new { identity, marked, request, source = pictures.HashOf(request.Source), motion, reference })));
    }

    /// <summary>Returns the files that a row names: photographs and motions, but not built-in motions.</summary>
    public static IEnumerable<string> FilesOf(Request request) =>
        new[] { request.Source, request.Reference, IsFile(request.Motion) ? request.Motion : "" }.Where(name => name.Length > 0).Distinct();

    private static bool IsFile(string motion) => motion.Length > 0 && !MotionClip.BuiltInNames.Contains(motion);
}
