using Lwg.MLNet.Estimation;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Models;

/// <summary>Opens estimators of people by name. What must not depend on the machine names its estimator; <see cref="Best"/> takes what the
/// machine has.</summary>
public static class PersonEstimators
{
    /// <summary>The library's own estimator.</summary>
    public const string Own = "own";

    /// <summary>BlazePose from the user's model store, the first of full, heavy and lite that is there; 'blazepose-lite' and so on name
    /// one.</summary>
    public const string BlazePose = "blazepose";

    /// <summary>The best estimator that the machine has: BlazePose where the user's model store holds it, the library's own where
    /// not.</summary>
    public const string BestName = "best";

    private static readonly BlazePoseVariant[] s_variants = [BlazePoseVariant.Full, BlazePoseVariant.Heavy, BlazePoseVariant.Lite];

    /// <summary>Opens the best estimator that the machine has; the stage that uses it says through mlContext.Log which one that
    /// is.</summary>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="LwgException">The application has no ONNX Runtime, or the store's model is damaged.</exception>
    public static SmplEstimator Best(NetworkRuntimeOptions? runtime = null) => Open(BestName, runtime);

    /// <summary>Opens an estimator.</summary>
    /// <param name="name"><see cref="Own"/>, <see cref="BlazePose"/>, 'blazepose-full', 'blazepose-heavy', 'blazepose-lite',
    /// <see cref="BestName"/>, or a model folder.</param>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="LwgException">There is no such estimator on this machine, or it is damaged.</exception>
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
            throw new LwgException($"The model store '{ModelStore.Folder}' has no '{name}'; 'models get blazepose' fetches it.");
        if (!Directory.Exists(name))
            throw new LwgException($"There is no estimator '{name}': neither {Own}, {BlazePose}, "
                + $"{string.Join(", ", s_variants.Select(NameOf))}, {BestName}, nor a model folder.");
        return SmplEstimator.Open(ModelPackage.LoadFolder(name), runtime);
    }

    private static string NameOf(BlazePoseVariant variant) => Path.GetFileName(ModelStore.BlazePoseFolder(variant));
}
