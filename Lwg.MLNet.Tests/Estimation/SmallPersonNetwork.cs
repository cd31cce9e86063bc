using Lwg.MLNet.Estimation;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>Our own estimator for small pictures, with weights by formula, which know nothing of people.</summary>
internal static class SmallPersonNetwork
{
    public const int PictureSize = 64;

    private static readonly Lazy<ModelPackage> s_package = new(() =>
    {
        NetworkGraph graph = PersonNetwork.Build(PictureSize);
        var manifest = new ModelManifest { Kind = ModelKind.SmplEstimator, ImageSize = PictureSize, PersonMargin = LearnedSmplEstimator.PersonMargin, Licence = "none", Redistributable = true };
        return LearnedSmplEstimator.Write(manifest, graph, FormulaWeights.For(graph), WeightStorage.Half);
    });

    public static ModelPackage Package() => s_package.Value;
}
