using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Computes hashes of the inputs of a run.</summary>
internal static class ContentHash
{
    public static string Of(PixelBuffer picture) =>
        Of([Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{picture.Width} {picture.Height} {picture.Channels}\n")),
        picture.Data.ToArray()]);

    public static string Of(KeypointSet? keypoints) => keypoints is null ? "none" : Of([MemoryMarshal.AsBytes(keypoints.Values).ToArray()]);

    public static string Of(IEnumerable<MotionRow> motion) =>
        Of(motion.Select(row => MemoryMarshal.AsBytes<float>([.. row.ReferenceSmpl, .. row.ReferenceOrigin]).ToArray()));

    /// <summary>Returns a hash of the exact build, because another build may make other pictures.</summary>
    public static string OfProgram() =>
        Of(((Type[])[typeof(BodyModel), typeof(EstimateSmplOptions), typeof(ContentHash)]).Select(type =>
        type.Module.ModuleVersionId.ToByteArray()));

    public static string OfFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Of(IEnumerable<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] part in parts)
            hash.AppendData(part);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
