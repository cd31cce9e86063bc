using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation;

/// <summary>
/// Tells pose, shape and camera of a person from a picture: the library's own network, an imported HMR, or BlazePose. Immutable and safe to
/// share between threads; the work is done by its workers.
/// </summary>
public abstract class SmplEstimator : IDisposable
{
    private protected SmplEstimator() { }

    /// <summary>Opens a model folder: the library's own estimator, an imported HMR, or BlazePose.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="ModelFileException">It is no estimator, or its networks are damaged.</exception>
    public static SmplEstimator Load(string folder, NetworkRuntimeOptions? runtime = null) =>
        Open(ModelPackage.LoadFolder(folder), runtime);

    /// <summary>Opens an estimator by what its manifest says it is.</summary>
    /// <param name="package">The model.</param>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="ModelFileException">It is no estimator, or its networks are damaged.</exception>
    public static SmplEstimator Open(ModelPackage package, NetworkRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        return package.Manifest.Kind == ModelKind.BlazePose ? new BlazePoseEstimator(package, runtime)
            : new LearnedSmplEstimator(package, runtime);
    }

    /// <summary>Says in a sentence which estimator it is.</summary>
    public string Description => Package switch
    {
        { Manifest: { Kind: ModelKind.BlazePose, Variant: var variant } } package =>
            $"People are found by BlazePose ({variant}) of '{package.Source}'.",
        { } package => $"People are found by the estimator of '{package.Source}'.",
        null => $"People are found by {GetType().Name}.",
    };

    /// <summary>The side of the square pictures that it reads, pixels.</summary>
    internal abstract int PictureSize { get; }

    /// <summary>How much of the person's extent is free on every side in the pictures that it was trained on.</summary>
    internal abstract float Margin { get; }

    /// <summary>Whether it also tells where the person's 17 COCO key points are.</summary>
    internal abstract bool EstimatesKeypoints { get; }

    /// <summary>The side of the grid on which it tells where the person is; 0 where it does not.</summary>
    internal virtual int MaskSize => 0;

    /// <summary>The model that it was opened from, with which pipelines are saved; null where there is none.</summary>
    public virtual ModelPackage? Package => null;

    /// <summary>How its networks run; null where it has none.</summary>
    public virtual NetworkRuntimeOptions? Runtime => null;

    /// <summary>Makes a worker; one worker serves one thread at a time.</summary>
    /// <param name="batchSize">How many pictures it works on at once.</param>
    internal abstract ISmplWorker CreateWorker(int batchSize = 1);

    /// <summary>Closes its networks.</summary>
    public abstract void Dispose();
}

/// <summary>Does an estimator's work for one thread, on a batch of pictures.</summary>
internal interface ISmplWorker : IDisposable
{
    /// <summary>The place of one picture of the batch, [3,H,H] in [-1,1]; to be filled.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    Span<float> Picture(int row);

    /// <summary>Works on the whole batch.</summary>
    void Run();

    /// <summary>The <see cref="SmplLayout.ParameterCount"/> numbers of one person; the camera is that of the square picture.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    ReadOnlySpan<float> Smpl(int row);

    /// <summary>The key points of one person, <see cref="KeypointSet.Length"/> numbers: x and y in pixels of the square picture,
    /// confidence. Empty where none are estimated.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    ReadOnlySpan<float> Keypoints(int row);

    /// <summary>How surely each point of the grid over the picture is on the person, 0 to 1; empty where that is not told.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    ReadOnlySpan<float> Mask(int row) => [];

    /// <summary>How surely there is a person, and how surely there are more than one, 0 to 1; empty where that is not told.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    ReadOnlySpan<float> Presence(int row) => [];
}
