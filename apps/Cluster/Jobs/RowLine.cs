using System.Text.Json;
using System.Text.Json.Serialization;
using Lwg.MLNet.Batch;
using Request = Lwg.MLNet.Batch.Request;

namespace Lwg.MLNet.Cluster;

/// <summary>A row of a job, one line of JSON in the store.</summary>
/// <param name="Row">The row's number, from 1.</param>
/// <param name="Request">The request.</param>
/// <param name="Key">The hash of everything that its result depends on; the result's name.</param>
/// <param name="Files">The files that the row names, with the hashes of their content when the job was submitted; <see
/// cref="IPictures.Missing"/> for missing files.</param>
internal sealed record RowLine(int Row, Request Request, string Key, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>The name of its result in the store.</summary>
    [JsonIgnore]
    public string ResultName => $"results/{Key[..2]}/{Key}.json";

    /// <summary>The name of its picture in the store.</summary>
    [JsonIgnore]
    public string PictureName => $"results/{Key[..2]}/{Key}.png";

    /// <summary>Returns the name in the store of a file that rows name.</summary>
    public static string InputName(string sha256) => $"inputs/{sha256[..2]}/{sha256}";

    /// <summary>Returns the name, in the job's folder, of the record that the row failed.</summary>
    public string FailureName(string job) => JobFile.NameOf(job, $"failed/{Row}.json");

    /// <summary>Returns the name, in the job's folder, of the count of started attempts at the row; used only after a silo has died with
    /// its range.</summary>
    public string TriesName(string job) => JobFile.NameOf(job, $"tries/{Row}");

    public byte[] ToLine() => [.. JsonSerializer.SerializeToUtf8Bytes(this), (byte)'\n'];

    /// <summary>Splits a piece of the file of rows into lines.</summary>
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
