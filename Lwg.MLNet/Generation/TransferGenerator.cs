using Lwg.MLNet.Composition;

namespace Lwg.MLNet.Generation;

/// <summary>The tensors that a generator may read; a stage binds a column to each tensor that its generator requires.</summary>
[Flags]
internal enum TransferTensors
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The source picture [3,S,S].</summary>
    SourceImage = 1,

    /// <summary>The picture points of the source's faces [F,3,2].</summary>
    SourcePoints = 2,

    /// <summary>The source's face index map [S,S].</summary>
    SourceFaceIndex = 4,

    /// <summary>The background input [4,S,S].</summary>
    BackgroundInput = 8,

    /// <summary>The foreground input [6,S,S].</summary>
    ForegroundInput = 16,

    /// <summary>The transfer input [6,S,S].</summary>
    TransferInput = 32,

    /// <summary>The transformation flow T [S,S,2].</summary>
    Flow = 64,

    /// <summary>The target's face index map [S,S].</summary>
    TargetFaceIndex = 128,

    /// <summary>The target's weight map [S,S,3].</summary>
    TargetWeights = 256,

    /// <summary>The picture of the reference, whose clothes are transferred to the source [3,S,S].</summary>
    ReferenceImage = 512,

    /// <summary>The picture points of the reference's faces [F,3,2].</summary>
    ReferencePoints = 1024,

    /// <summary>The reference's face index map [S,S].</summary>
    ReferenceFaceIndex = 2048,

    /// <summary>The reference's foreground input [6,S,S].</summary>
    ReferenceForegroundInput = 4096,

    /// <summary>The flow that samples the reference [S,S,2].</summary>
    ReferenceFlow = 8192,

    /// <summary>The map of the source's kept parts [1,S,S].</summary>
    KeptMap = 16384,
}

/// <summary>The tensors of one row; tensors that the generator does not require are empty.</summary>
internal readonly ref struct TransferFrame
{
    /// <summary>The source picture [3,S,S] in [-1,1].</summary>
    public ReadOnlySpan<float> SourceImage { get; init; }

    /// <summary>The picture points of the source's faces [F,3,2].</summary>
    public ReadOnlySpan<float> SourcePoints { get; init; }

    /// <summary>The source's face index map [S,S].</summary>
    public ReadOnlySpan<int> SourceFaceIndex { get; init; }

    /// <summary>An estimator's mask of the source's person [G,G]; empty if unknown. Background input, foreground input and transfer input
    /// already take it into account.</summary>
    public ReadOnlySpan<float> SourcePersonMask { get; init; }

    /// <summary>Whether the mask only opens the background, as in models saved before people were limited to their masks.</summary>
    internal bool MaskOpensBackgroundOnly { get; init; }

    /// <summary>How the background is filled.</summary>
    internal BackgroundFill BackgroundFill { get; init; }

    /// <summary>Whether backs that the source does not show are kept free of features of the front
    /// (<see cref="UnseenSurface"/>), and clothes within what the person's mask shows beside the body
    /// (<see cref="OutlineLimit"/>); faint traces of the person beside it count as background.</summary>
    internal bool ClearsBacks { get; init; }

    /// <summary>Whether another background replaces the filled one, so that none is made.</summary>
    internal bool WithoutBackground { get; init; }

    /// <summary>The background input [4,S,S].</summary>
    public ReadOnlySpan<float> BackgroundInput { get; init; }

    /// <summary>The foreground input [6,S,S].</summary>
    public ReadOnlySpan<float> ForegroundInput { get; init; }

    /// <summary>The transfer input [6,S,S].</summary>
    public ReadOnlySpan<float> TransferInput { get; init; }

    /// <summary>The transformation flow T [S,S,2].</summary>
    public ReadOnlySpan<float> Flow { get; init; }

    /// <summary>The target's face index map [S,S].</summary>
    public ReadOnlySpan<int> TargetFaceIndex { get; init; }

    /// <summary>The target's weight map [S,S,3].</summary>
    public ReadOnlySpan<float> TargetWeights { get; init; }

    /// <summary>The reference's picture [3,S,S] in [-1,1].</summary>
    public ReadOnlySpan<float> ReferenceImage { get; init; }

    /// <summary>The picture points of the reference's faces [F,3,2].</summary>
    public ReadOnlySpan<float> ReferencePoints { get; init; }

    /// <summary>The reference's face index map [S,S].</summary>
    public ReadOnlySpan<int> ReferenceFaceIndex { get; init; }

    /// <summary>An estimator's mask of the reference's person [G,G]; empty if unknown.</summary>
    public ReadOnlySpan<float> ReferencePersonMask { get; init; }

    /// <summary>The reference's foreground input [6,S,S].</summary>
    public ReadOnlySpan<float> ReferenceForegroundInput { get; init; }

    /// <summary>The flow that samples the reference [S,S,2].</summary>
    public ReadOnlySpan<float> ReferenceFlow { get; init; }

    /// <summary>The map of the source's kept parts [1,S,S], 1 where they are kept.</summary>
    public ReadOnlySpan<float> KeptMap { get; init; }
}

/// <summary>
/// Generates pictures of a source person in a target pose: <see cref="LiquidWarpingGenerator"/>, <see cref="SharpGenerator"/> or
/// <see cref="TextureWarpGenerator"/>. Immutable and thread-safe; its workers do the work.
/// </summary>
public abstract class TransferGenerator
{
    private protected TransferGenerator() { }

    /// <summary>The hash of the body whose maps the generator reads (<see cref="Body.BodyModel.Hash"/>).</summary>
    public abstract string BodyHash { get; }

    /// <summary>The tensors of the source; a new source is prepared only when one of these changes.</summary>
    internal abstract TransferTensors SourceTensors { get; }

    /// <summary>The tensors of the target.</summary>
    internal abstract TransferTensors TargetTensors { get; }

    /// <summary>Whether the visible pixels of the face are kept unchanged, so that a front warp would not improve them.</summary>
    internal abstract bool KeepsVisibleFace { get; }

    /// <summary>How the source must be sampled (align_corners of the training); null if it does not matter.</summary>
    internal abstract bool? AlignCorners { get; }

    /// <summary>Returns the side of the square by which the background input must be eroded (as in the training); null if it does not
    /// matter.</summary>
    /// <param name="size">S, pixels.</param>
    internal virtual int? BackgroundKernel(int size) => null;

    /// <summary>Returns the same generator for two people: the source keeps its pose and takes the clothes of the reference (appearance
    /// transfer).</summary>
    /// <exception cref="NotSupportedException">The generator makes pictures of one person only.</exception>
    internal virtual TransferGenerator ForAppearance() =>
        throw new NotSupportedException($"{GetType().Name} makes pictures of one person only, and cannot transfer appearance.");

    /// <summary>Creates a worker for pictures of one size; use a worker on one thread at a time.</summary>
    /// <param name="size">S, pixels.</param>
    internal abstract ITransferWorker CreateWorker(int size);
}

/// <summary>Runs a generator on one thread.</summary>
internal interface ITransferWorker : IDisposable
{
    /// <summary>Sets a new source, and computes everything that does not depend on the target.</summary>
    /// <param name="frame">The tensors of <see cref="TransferGenerator.SourceTensors"/>.</param>
    void Prepare(in TransferFrame frame);

    /// <summary>Generates one target of the last prepared source.</summary>
    /// <param name="frame">The tensors of <see cref="TransferGenerator.TargetTensors"/>.</param>
    /// <param name="result">Receives picture, colour, mask and background.</param>
    /// <exception cref="InvalidOperationException">No source was prepared.</exception>
    void Generate(in TransferFrame frame, TransferResult result);
}
