using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation;

/// <summary>
/// Estimates pose, shape and camera of a person from a picture: the library's network, an imported HMR, or BlazePose. Immutable and
/// thread-safe; its workers do the work.
/// </summary>
public abstract class SmplEstimator : IDisposable
{
    private protected SmplEstimator() { }

    /// <summary>Opens a model folder: the library's estimator, an imported HMR, or BlazePose.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="ModelFileException">The model is not an estimator, or its networks are damaged.</exception>
    /// <exception cref="LwgException">ONNX Runtime's native library, or the requested device, is missing.</exception>
    public static SmplEstimator Load(string folder, NetworkRuntimeOptions? runtime = null) =>
        Open(ModelPackage.LoadFolder(folder), runtime);

    /// <summary>Opens an estimator according to its manifest.</summary>
    /// <param name="package">The model.</param>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="ModelFileException">The model is not an estimator, or its networks are damaged.</exception>
    /// <exception cref="LwgException">ONNX Runtime's native library, or the requested device, is missing.</exception>
    public static SmplEstimator Open(ModelPackage package, NetworkRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        return package.Manifest.Kind == ModelKind.BlazePose ? new BlazePoseEstimator(package, runtime)
            : new LearnedSmplEstimator(package, runtime);
    }

    /// <summary>A sentence that names the estimator.</summary>
    public string Description => Package switch
    {
        { Manifest: { Kind: ModelKind.BlazePose, Variant: var variant } } package =>
            $"People are found by BlazePose ({variant}) of '{package.Source}'.",
        { } package => $"People are found by the estimator of '{package.Source}'.",
        null => $"People are found by {GetType().Name}.",
    };

    /// <summary>The side of the square pictures that it reads, in pixels.</summary>
    internal abstract int PictureSize { get; }

    /// <summary>The margin on every side in its training pictures, as a share of the person's extent.</summary>
    internal abstract float Margin { get; }

    /// <summary>Whether it also estimates the person's 17 COCO key points.</summary>
    internal abstract bool EstimatesKeypoints { get; }

    /// <summary>The side of the grid of its person mask; 0 if it has none.</summary>
    internal virtual int MaskSize => 0;

    /// <summary>The model that the estimator was opened from, with which pipelines are saved; null if there is none.</summary>
    public virtual ModelPackage? Package => null;

    /// <summary>How its networks run; null if it has none.</summary>
    public virtual NetworkRuntimeOptions? Runtime => null;

    /// <summary>Creates a worker; use it on one thread at a time.</summary>
    /// <param name="batchSize">The number of pictures that it processes at once.</param>
    internal abstract ISmplWorker CreateWorker(int batchSize = 1);

    /// <summary>Closes its networks.</summary>
    public abstract void Dispose();
}

/// <summary>Runs an estimator on one thread on batches of pictures.</summary>
internal interface ISmplWorker : IDisposable
{
    /// <summary>Returns the buffer of one picture of the batch, [3,H,H] in [-1,1]; to be filled.</summary>
    /// <param name="row">The picture's index in the batch.</param>
    Span<float> Picture(int row);

    /// <summary>Processes the whole batch.</summary>
    void Run();

    /// <summary>Returns the <see cref="SmplLayout.ParameterCount"/> SMPL parameters of one person; the camera is that of the square
    /// picture.</summary>
    /// <param name="row">The picture's index in the batch.</param>
    ReadOnlySpan<float> Smpl(int row);

    /// <summary>Returns the key points of one person, <see cref="KeypointSet.Length"/> values: x and y in pixels of the square picture,
    /// confidence. Empty if none are estimated.</summary>
    /// <param name="row">The picture's index in the batch.</param>
    ReadOnlySpan<float> Keypoints(int row);

    /// <summary>Returns the probability that each point of the grid over the picture is on the person, 0 to 1; empty if not
    /// available.</summary>
    /// <param name="row">The picture's index in the batch.</param>
    ReadOnlySpan<float> Mask(int row) => [];

    /// <summary>Returns the probabilities that there is a person, and that there are several, 0 to 1; empty if not available.</summary>
    /// <param name="row">The picture's index in the batch.</param>
    ReadOnlySpan<float> Presence(int row) => [];
}
