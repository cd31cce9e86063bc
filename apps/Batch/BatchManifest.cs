using System.Text.Json;

namespace Lwg.MLNet.Batch;

/// <summary>Describes a folder of results: written when its run has finished, and read when parts are joined.</summary>
internal sealed record BatchManifest
{
    public const string Name = "batch.json";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The SHA-256 of the table of requests.</summary>
    public required string RequestsSha256 { get; init; }

    /// <summary>The number of rows of that table.</summary>
    public required int Rows { get; init; }

    /// <summary>All settings, bodies and networks that the pictures depend on.</summary>
    public required string Settings { get; init; }

    /// <summary>The shard; null for the whole table.</summary>
    public string? Shard { get; init; }

    /// <summary>Whether the folder has a Parquet table.</summary>
    public bool Parquet { get; init; }

    public void Write(string folder) =>
        AtomicFile.Write(Path.Combine(folder, Name), stream => JsonSerializer.Serialize(stream, this, s_json));

    /// <summary>Reads the manifest of a folder.</summary>
    /// <exception cref="LwgException">The manifest is missing or damaged.</exception>
    public static BatchManifest Read(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            throw new LwgException($"'{folder}': there is no {Name}; a run writes it when it has finished.");
        try
        {
            return JsonSerializer.Deserialize<BatchManifest>(File.ReadAllBytes(path)) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new LwgException($"'{path}': it is damaged: {e.Message}", e);
        }
    }
}
