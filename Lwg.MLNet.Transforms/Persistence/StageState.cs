using System.Text.Json;
using System.Text.Json.Nodes;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms.Stages;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>The saved state of one stage.</summary>
internal sealed class StageState(string stage, int version, string entry, JsonElement options, BodyModel? body, StageNetwork? network,
    GeneratorKind? generator, IReadOnlyDictionary<string, Subject>? people)
{
    /// <summary>The version of the saved format; 0 for models saved before versions were introduced.</summary>
    public int Version => version;

    /// <summary>The body that was saved with the stage.</summary>
    /// <exception cref="ModelFileException">There is none.</exception>
    public BodyModel Body => body ?? throw new ModelFileException("saved model", entry,
        $"stage '{stage}' needs a body, but none was saved with it.");

    /// <summary>The body that was saved with the stage, or null.</summary>
    public BodyModel? BodyIfAny => body;

    /// <summary>The network that was saved with the stage.</summary>
    /// <exception cref="ModelFileException">There is none.</exception>
    public StageNetwork NeededNetwork =>
        network ?? throw new ModelFileException("saved model", entry, $"stage '{stage}' needs a network, but none was saved with it.");

    /// <summary>The kind of the stage's generator; inferred from body and network in models of version 0.</summary>
    /// <exception cref="ModelFileException">The kind is missing.</exception>
    public GeneratorKind Generator => generator is { } unknown && !Enum.IsDefined(unknown)
        ? throw new ModelFileException("saved model", entry,
        $"stage '{stage}' has a generator of the kind {unknown}; it must be one of {string.Join(", ", Enum.GetNames<GeneratorKind>())}.")
        : generator
        ?? (version > 0 ? throw new ModelFileException("saved model", entry,
        $"stage '{stage}' needs a generator, but its kind was not saved with it.")
        : network is null ? GeneratorKind.TextureWarp : body is null ? GeneratorKind.LiquidWarping : GeneratorKind.Sharp);

    /// <summary>The learned people, by name.</summary>
    /// <exception cref="ModelFileException">There are none.</exception>
    public IReadOnlyDictionary<string, Subject> People =>
        people ?? throw new ModelFileException("saved model", entry,
        $"stage '{stage}' has learned people, but they were not saved with it.");

    /// <summary>Reads the options that were saved with the stage; the constructor of the stage validates them.</summary>
    /// <exception cref="ModelFileException">The options do not have that type.</exception>
    /// <param name="complete">Adds the values that earlier versions did not write, to keep the behaviour of their models; null for
    /// none.</param>
    public T Options<T>(Action<JsonObject>? complete = null) where T : StageOptions
    {
        JsonNode? written = options.ValueKind == JsonValueKind.Object ? JsonObject.Create(options) : JsonNode.Parse(options.GetRawText());
        if (written is JsonObject values)
            complete?.Invoke(values);
        return StageFile.Parse<T>(JsonSerializer.SerializeToUtf8Bytes(written), entry);
    }
}
