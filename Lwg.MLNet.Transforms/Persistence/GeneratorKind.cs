namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>What makes a saved stage's pictures. The names are those in model files.</summary>
internal enum GeneratorKind
{
    /// <summary>By rule: a TextureWarpGenerator over the stage's body.</summary>
    TextureWarp,

    /// <summary>The stage's network: a LiquidWarpingGenerator.</summary>
    LiquidWarping,

    /// <summary>The stage's network with the source's detail: a SharpGenerator over body and network.</summary>
    Sharp,
}
