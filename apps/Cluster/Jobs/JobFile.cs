using System.Text.Json;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>A job as the store keeps it, beside its rows: written last by who submits it, so that half a job is no job.</summary>
internal sealed record JobFile
{
    /// <summary>The file's name in the job's folder.</summary>
    public const string Name = "job.json";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The job's name: the hash of its rows' keys and ids.</summary>
    public required string Id { get; init; }

    /// <summary>The settings; the paths in them are the submitter's own.</summary>
    public required BatchSettings Settings { get; init; }

    /// <summary>All but the rows that results depend on, as the submitter's models have it.</summary>
    public required string Identity { get; init; }

    /// <summary>The SHA-256 of the table of requests.</summary>
    public required string RequestsSha256 { get; init; }

    /// <summary>Whether the rows say where their person is.</summary>
    public required bool Marked { get; init; }

    public required int Rows { get; init; }

    /// <summary>How many ranges the rows are cut into.</summary>
    public required int Ranges { get; init; }

    /// <summary>Whether a text may be a job's name; it becomes part of paths.</summary>
    public static bool IsId(string id) => id.Length == 16 && id.All(char.IsAsciiHexDigitLower);

    /// <summary>The name in the store of a job's file.</summary>
    public static string NameOf(string id, string file) =>
        IsId(id) ? $"jobs/{id}/{file}"
        : throw new LwgException($"'{id}' is no job; a job's name has 16 digits from 0 to f, as submit says it.");

    public Task WriteAsync(IStore store) => store.WriteAsync(NameOf(Id, Name), JsonSerializer.SerializeToUtf8Bytes(this, s_json));

    /// <summary>Reads a job's file.</summary>
    /// <exception cref="LwgException">The store has no such job, or it is damaged.</exception>
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
