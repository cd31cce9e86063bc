namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>The generator of a saved stage. The names are stored in model files.</summary>
internal enum GeneratorKind
{
    /// <summary>Rule-based: a TextureWarpGenerator over the stage's body.</summary>
    TextureWarp,

    /// <summary>The stage's network: a LiquidWarpingGenerator.</summary>
    LiquidWarping,

    /// <summary>The stage's network with the source's detail: a SharpGenerator over body and network.</summary>
    Sharp,
}
