using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Generators of a few channels with weights by formula.</summary>
internal static class TinyGenerator
{
    public static ModelManifest Manifest(string bodyHash, GeneratorShape? shape = null,
        BackgroundComposition background = BackgroundComposition.WholePicture) => new()
    {
        Kind = ModelKind.Generator, ImageSize = 64, Generator = shape
        ?? new GeneratorShape { Width = 2, Blocks = 2, AlignCorners = false }, BodyHash = bodyHash, Background = background,
        BackgroundKernel = 5, Licence = "none", Redistributable = true,
    };

    public static ModelPackage Package(ModelManifest manifest) =>
        LiquidWarpingGenerator.Write(manifest, Weights(manifest.Generator!), WeightStorage.Full);

    public static FormulaWeights Weights(GeneratorShape shape) => FormulaWeights.For(
        GeneratorNetwork.BuildBackground(shape), GeneratorNetwork.BuildSource(shape, withReconstruction: true),
        GeneratorNetwork.BuildTransfer(shape));
}
