using System.Text.Json;
using System.Text.Json.Nodes;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms.Stages;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>What was saved of one stage.</summary>
internal sealed class StageState(string stage, int version, string entry, JsonElement options, BodyModel? body, StageNetwork? network,
    GeneratorKind? generator, IReadOnlyDictionary<string, Subject>? people)
{
    /// <summary>The version of what was saved; 0 for models that were saved before there were versions.</summary>
    public int Version => version;

    /// <summary>The body that was saved with the stage.</summary>
    /// <exception cref="ModelFileException">None was.</exception>
    public BodyModel Body => body ?? throw new ModelFileException("saved model", entry,
        $"stage '{stage}' needs a body, but none was saved with it.");

    /// <summary>The body that was saved with the stage; null where none was.</summary>
    public BodyModel? BodyIfAny => body;

    /// <summary>The network that was saved with the stage.</summary>
    /// <exception cref="ModelFileException">None was.</exception>
    public StageNetwork NeededNetwork =>
        network ?? throw new ModelFileException("saved model", entry, $"stage '{stage}' needs a network, but none was saved with it.");

    /// <summary>What makes the stage's pictures; inferred from body and network in models that were saved before it was written.</summary>
    /// <exception cref="ModelFileException">The kind is missing.</exception>
    public GeneratorKind Generator => generator is { } unknown && !Enum.IsDefined(unknown)
        ? throw new ModelFileException("saved model", entry,
        $"stage '{stage}' has a generator of the kind {unknown}; it must be one of {string.Join(", ", Enum.GetNames<GeneratorKind>())}.")
        : generator
        ?? (version > 0 ? throw new ModelFileException("saved model", entry,
        $"stage '{stage}' needs a generator, but its kind was not saved with it.")
        : network is null ? GeneratorKind.TextureWarp : body is null ? GeneratorKind.LiquidWarping : GeneratorKind.Sharp);

    /// <summary>The people that the stage has learned, by name.</summary>
    /// <exception cref="ModelFileException">None were saved.</exception>
    public IReadOnlyDictionary<string, Subject> People =>
        people ?? throw new ModelFileException("saved model", entry,
        $"stage '{stage}' has learned people, but they were not saved with it.");

    /// <summary>The options that were saved with the stage; the stage's constructor checks them.</summary>
    /// <exception cref="ModelFileException">They are not of that kind.</exception>
    /// <param name="complete">Adds what earlier versions did not write, so that their models do what they did; null for nothing.</param>
    public T Options<T>(Action<JsonObject>? complete = null) where T : StageOptions
    {
        JsonNode? written = options.ValueKind == JsonValueKind.Object ? JsonObject.Create(options) : JsonNode.Parse(options.GetRawText());
        if (written is JsonObject values)
            complete?.Invoke(values);
        return StageFile.Parse<T>(JsonSerializer.SerializeToUtf8Bytes(written), entry);
    }
}
