using Lwg.MLNet.Estimation;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Models;

/// <summary>Opens person estimators by name. <see cref="Best"/> depends on what is installed on the machine; for results that must not,
/// name an estimator.</summary>
public static class PersonEstimators
{
    /// <summary>The built-in estimator.</summary>
    public const string Own = "own";

    /// <summary>BlazePose from the user's model store: the first of full, heavy and lite that is installed. 'blazepose-lite' and so on
    /// name one variant.</summary>
    public const string BlazePose = "blazepose";

    /// <summary>The best estimator installed on the machine: BlazePose if the user's model store contains it, otherwise the built-in
    /// one.</summary>
    public const string BestName = "best";

    private static readonly BlazePoseVariant[] s_variants = [BlazePoseVariant.Full, BlazePoseVariant.Heavy, BlazePoseVariant.Lite];

    /// <summary>Opens the best estimator installed on the machine; the stage that uses it logs which one through mlContext.Log.</summary>
    /// <param name="runtime">The settings of its networks; null for the defaults.</param>
    /// <exception cref="LwgException">The application has no ONNX Runtime, or the store's model is damaged.</exception>
    public static SmplEstimator Best(NetworkRuntimeOptions? runtime = null) => Open(BestName, runtime);

    /// <summary>Opens an estimator.</summary>
    /// <param name="name"><see cref="Own"/>, <see cref="BlazePose"/>, 'blazepose-full', 'blazepose-heavy', 'blazepose-lite',
    /// <see cref="BestName"/>, or a model folder.</param>
    /// <param name="runtime">The settings of its networks; null for the defaults.</param>
    /// <exception cref="LwgException">The estimator is not installed on this machine, or it is damaged.</exception>
    public static SmplEstimator Open(string name, NetworkRuntimeOptions? runtime = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == Own)
            return OwnModels.OpenEstimator(runtime);
        BlazePoseVariant[] asked = name is BlazePose or BestName ? s_variants : [.. s_variants.Where(v => name == NameOf(v))];
        foreach (BlazePoseVariant variant in asked)
        {
            if (Directory.Exists(ModelStore.BlazePoseFolder(variant)))
                return SmplEstimator.Open(ModelPackage.LoadFolder(ModelStore.BlazePoseFolder(variant)), runtime);
        }
        if (name == BestName)
            return OwnModels.OpenEstimator(runtime);
        if (asked.Length > 0)
            throw new LwgException($"The model store '{ModelStore.Folder}' has no '{name}'; 'models get blazepose' downloads it.");
        if (!Directory.Exists(name))
            throw new LwgException($"There is no estimator '{name}': neither {Own}, {BlazePose}, "
                + $"{string.Join(", ", s_variants.Select(NameOf))}, {BestName}, nor a model folder.");
        return SmplEstimator.Open(ModelPackage.LoadFolder(name), runtime);
    }

    private static string NameOf(BlazePoseVariant variant) => Path.GetFileName(ModelStore.BlazePoseFolder(variant));
}
