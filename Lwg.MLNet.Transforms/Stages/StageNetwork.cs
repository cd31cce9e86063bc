using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>A model that a stage keeps, and how it runs.</summary>
/// <param name="Package">The model.</param>
/// <param name="Runtime">How it runs.</param>
internal sealed record StageNetwork(ModelPackage Package, NetworkRuntimeOptions Runtime);
