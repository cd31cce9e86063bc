using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The model of a stage and its runtime settings.</summary>
/// <param name="Package">The model.</param>
/// <param name="Runtime">The runtime settings.</param>
internal sealed record StageNetwork(ModelPackage Package, NetworkRuntimeOptions Runtime);
