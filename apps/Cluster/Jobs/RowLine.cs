using System.Text.Json;
using System.Text.Json.Serialization;
using Lwg.MLNet.Batch;
using Request = Lwg.MLNet.Batch.Request;

namespace Lwg.MLNet.Cluster;

/// <summary>A row of a job, one line of JSON in the store.</summary>
/// <param name="Row">Its number, from 1.</param>
/// <param name="Request">What it asks for.</param>
/// <param name="Key">The hash of all that its result depends on; the result's name.</param>
/// <param name="Files">The files that the row names, and the hashes of what they held when the job was submitted;
/// <see cref="IPictures.Missing"/> for what was not there.</param>
internal sealed record RowLine(int Row, Request Request, string Key, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>Where its result lies in the store.</summary>
    [JsonIgnore]
    public string ResultName => $"results/{Key[..2]}/{Key}.json";

    /// <summary>Where its picture lies in the store.</summary>
    [JsonIgnore]
    public string PictureName => $"results/{Key[..2]}/{Key}.png";

    /// <summary>Where a file that rows name lies in the store.</summary>
    public static string InputName(string sha256) => $"inputs/{sha256[..2]}/{sha256}";

    /// <summary>Where it is said, in the job's folder, that the row failed.</summary>
    public string FailureName(string job) => JobFile.NameOf(job, $"failed/{Row}.json");

    /// <summary>Where it is counted, in the job's folder, how often a process began with the row; only after a silo has died with its
    /// range.</summary>
    public string TriesName(string job) => JobFile.NameOf(job, $"tries/{Row}");

    public byte[] ToLine() => [.. JsonSerializer.SerializeToUtf8Bytes(this), (byte)'\n'];

    /// <summary>The lines of a piece of the file of rows.</summary>
    public static IEnumerable<byte[]> Split(byte[] lines)
    {
        for (int start = 0; start < lines.Length;)
        {
            int end = Array.IndexOf(lines, (byte)'\n', start);
            yield return lines[start..end];
            start = end + 1;
        }
    }

    public static RowLine Parse(ReadOnlySpan<byte> line)
    {
        RowLine row = JsonSerializer.Deserialize<RowLine>(line)!;
        return row with { Request = row.Request with { Row = row.Row } };
    }
}
