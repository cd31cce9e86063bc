using Lwg.MLNet.Transforms.Persistence;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The stages that a model file may name: the only ones that loading makes.</summary>
internal static class StageTable
{
    public static IReadOnlyDictionary<string, Func<IHostEnvironment, StageState, ITransformer>> Loaders { get; } = new Dictionary<string, Func<IHostEnvironment, StageState, ITransformer>>
    {
        [HeadAndBodyLocatingTransformer.Name] = (env, s) => new HeadAndBodyLocatingTransformer(env, s.Options<HeadAndBodyLocatingOptions>()),
    };
}
