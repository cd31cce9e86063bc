using System.Globalization;
using Orleans.Storage;

namespace Lwg.MLNet.Cluster;

/// <summary>Stores the states of grains in files, for a single silo.</summary>
internal sealed class FileGrainStorage(StateFolder folder) : IGrainStorage
{
    private const string Kind = "grains";

    private readonly Lock _lock = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Saved<T>? saved = folder.Read<Saved<T>>(Kind, KeyOf(stateName, grainId));
        (grainState.State, grainState.ETag, grainState.RecordExists) =
            (saved is null ? Activator.CreateInstance<T>() : saved.State!, saved is null ? null : Tag(saved.Version), saved is not null);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_lock)
        {
            string key = KeyOf(stateName, grainId);
            long version = Check(folder.Read<Saved<T>>(Kind, key), grainState, grainId);
            folder.Write(Kind, key, new Saved<T>(grainId.ToString(), version + 1, grainState.State));
            (grainState.ETag, grainState.RecordExists) = (Tag(version + 1), true);
        }
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_lock)
        {
            string key = KeyOf(stateName, grainId);
            Check(folder.Read<Saved<T>>(Kind, key), grainState, grainId);
            folder.Delete(Kind, key);
            (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        }
        return Task.CompletedTask;
    }

    private static long Check<T>(Saved<T>? saved, IGrainState<T> state, GrainId grain)
    {
        string? tag = saved is null ? null : Tag(saved.Version);
        return tag == state.ETag ? saved?.Version ?? 0
            : throw new InconsistentStateException(
            $"The state of '{grain}' is version {tag ?? "none"}, but version {state.ETag ?? "none"} was to be replaced.", tag, state.ETag);
    }

    private static string KeyOf(string stateName, GrainId grain) => $"{stateName}/{grain}";

    private static string Tag(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>The content of a file.</summary>
    private sealed record Saved<T>(string Grain, long Version, T? State);
}
