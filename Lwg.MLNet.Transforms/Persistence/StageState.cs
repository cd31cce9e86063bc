using System.Text.Json;
using System.Text.Json.Nodes;
using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Stages;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>What was saved of one stage.</summary>
internal sealed class StageState(string stage, string entry, JsonElement options, BodyModel? body, StageNetwork? network, byte[]? data)
{
    /// <summary>The body that was saved with the stage.</summary>
    /// <exception cref="ModelFileException">None was.</exception>
    public BodyModel Body => body ?? throw new ModelFileException("saved model", entry, $"stage '{stage}' needs a body, but none was saved with it.");

    /// <summary>The body that was saved with the stage; null where none was.</summary>
    public BodyModel? BodyIfAny => body;

    /// <summary>The network that was saved with the stage; null where none was.</summary>
    public StageNetwork? Network => network;

    /// <summary>The network that was saved with the stage.</summary>
    /// <exception cref="ModelFileException">None was.</exception>
    public StageNetwork NeededNetwork => network ?? throw new ModelFileException("saved model", entry, $"stage '{stage}' needs a network, but none was saved with it.");

    /// <summary>What the stage had learned.</summary>
    /// <exception cref="ModelFileException">Nothing was saved.</exception>
    public byte[] Data => data ?? throw new ModelFileException("saved model", entry, $"stage '{stage}' has learned something, but that was not saved with it.");

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
