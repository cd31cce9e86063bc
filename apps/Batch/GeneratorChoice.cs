using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Batch;

/// <summary>The available generators.</summary>
internal static class GeneratorChoice
{
    /// <summary>The built-in trained weights.</summary>
    public const string Default = "default";

    /// <summary>The generator without trained weights.</summary>
    public const string Texture = "texture";

    public static IReadOnlyList<string> Names { get; } = [Default, Texture];

    public static TransferGenerator Open(string name, NetworkRuntimeOptions runtime) =>
        name == Texture ? new TextureWarpGenerator(BodyModel.Default) : OwnModels.OpenGenerator(runtime);

    /// <summary>Returns a text that differs between generators that make different pictures.</summary>
    public static string Identity(string name) => name == Texture ? Texture : OwnModels.Generator.Hash;
}
