using System.Text.Json;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>The description of a job in the store, next to its rows. It is written last, so that an incomplete job does not
/// exist.</summary>
internal sealed record JobFile
{
    /// <summary>The file's name in the job's folder.</summary>
    public const string Name = "job.json";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The job's name: the hash of its rows' keys and ids.</summary>
    public required string Id { get; init; }

    /// <summary>The settings, without the paths of the submitting machine.</summary>
    public required BatchSettings Settings { get; init; }

    /// <summary>The text of everything that results depend on, except the rows, for the submitter's models.</summary>
    public required string Identity { get; init; }

    /// <summary>The SHA-256 of the table of requests.</summary>
    public required string RequestsSha256 { get; init; }

    /// <summary>Whether the rows have key points.</summary>
    public required bool Marked { get; init; }

    public required int Rows { get; init; }

    /// <summary>The number of ranges into which the rows are divided.</summary>
    public required int Ranges { get; init; }

    /// <summary>Returns whether a text is valid as a job's name, which becomes part of paths.</summary>
    public static bool IsId(string id) => id.Length == 16 && id.All(char.IsAsciiHexDigitLower);

    /// <summary>Returns the name of a job's file in the store.</summary>
    public static string NameOf(string id, string file) =>
        IsId(id) ? $"jobs/{id}/{file}"
        : throw new LwgException($"'{id}' is not a job; a job's name has 16 digits from 0 to f, and submit prints it.");

    public Task WriteAsync(IStore store) => store.WriteAsync(NameOf(Id, Name), JsonSerializer.SerializeToUtf8Bytes(this, s_json));

    /// <summary>Reads a job's file.</summary>
    /// <exception cref="LwgException">The job is not in the store, or its file is damaged.</exception>
    public static async Task<JobFile> ReadAsync(IStore store, string id)
    {
        byte[] bytes = await store.ReadAsync(NameOf(id, Name)) ?? throw new LwgException($"The store has no job '{id}'.");
        try
        {
            return JsonSerializer.Deserialize<JobFile>(bytes)!;
        }
        catch (JsonException e)
        {
            throw new StoreException($"The store's file of the job '{id}' is damaged: {e.Message}", e);
        }
    }
}
