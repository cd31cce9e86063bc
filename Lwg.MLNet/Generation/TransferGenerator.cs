namespace Lwg.MLNet.Generation;

/// <summary>The tensors that a generator may read; a stage binds a column to each that its generator asks for.</summary>
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

    /// <summary>The picture of the reference, whose clothes the source shall wear [3,S,S].</summary>
    ReferenceImage = 512,

    /// <summary>The picture points of the reference's faces [F,3,2].</summary>
    ReferencePoints = 1024,

    /// <summary>The reference's face index map [S,S].</summary>
    ReferenceFaceIndex = 2048,

    /// <summary>The reference's foreground input [6,S,S].</summary>
    ReferenceForegroundInput = 4096,

    /// <summary>The flow that samples the reference [S,S,2].</summary>
    ReferenceFlow = 8192,

    /// <summary>Where the source's parts stay [1,S,S].</summary>
    KeptMap = 16384,
}

/// <summary>The tensors of one row; those that the generator did not ask for are empty.</summary>
internal readonly ref struct TransferFrame
{
    /// <summary>The source picture [3,S,S] in [-1,1].</summary>
    public ReadOnlySpan<float> SourceImage { get; init; }

    /// <summary>The picture points of the source's faces [F,3,2].</summary>
    public ReadOnlySpan<float> SourcePoints { get; init; }

    /// <summary>The source's face index map [S,S].</summary>
    public ReadOnlySpan<int> SourceFaceIndex { get; init; }

    /// <summary>Where the source's person is by an estimator's account [G,G]; empty where it is not known. Background input, foreground
    /// input and transfer input know it already.</summary>
    public ReadOnlySpan<float> SourcePersonMask { get; init; }

    /// <summary>Whether the mask opens the background and nothing else, as in models that were saved before people were kept to their
    /// masks.</summary>
    internal bool MaskOpensBackgroundOnly { get; init; }

    /// <summary>How the background is filled.</summary>
    internal BackgroundFill BackgroundFill { get; init; }

    /// <summary>Whether backs that the source does not show are kept free of what is on the front (<see cref="UnseenSurface"/>).</summary>
    internal bool ClearsBacks { get; init; }

    /// <summary>Whether another background takes the place of a filled one, so that none need be made.</summary>
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

    /// <summary>Where the reference's person is by an estimator's account [G,G]; empty where it is not known.</summary>
    public ReadOnlySpan<float> ReferencePersonMask { get; init; }

    /// <summary>The reference's foreground input [6,S,S].</summary>
    public ReadOnlySpan<float> ReferenceForegroundInput { get; init; }

    /// <summary>The flow that samples the reference [S,S,2].</summary>
    public ReadOnlySpan<float> ReferenceFlow { get; init; }

    /// <summary>Where the source's parts stay [1,S,S], 1 there.</summary>
    public ReadOnlySpan<float> KeptMap { get; init; }
}

/// <summary>
/// Makes pictures of a source person in a target pose: <see cref="LiquidWarpingGenerator"/>, <see cref="SharpGenerator"/> or
/// <see cref="TextureWarpGenerator"/>. Immutable and safe to share between threads; the work is done by its workers.
/// </summary>
public abstract class TransferGenerator
{
    private protected TransferGenerator() { }

    /// <summary>The hash of the body whose maps it reads (<see cref="Body.BodyModel.Hash"/>).</summary>
    public abstract string BodyHash { get; }

    /// <summary>What it reads of the source: a new source is prepared only when one of these changes.</summary>
    internal abstract TransferTensors SourceTensors { get; }

    /// <summary>What it reads of the target.</summary>
    internal abstract TransferTensors TargetTensors { get; }

    /// <summary>Whether the visible pixels of the face are kept as they are, so that a front warp would change nothing for the
    /// better.</summary>
    internal abstract bool KeepsVisibleFace { get; }

    /// <summary>How the source that it reads must have been sampled (align_corners of its training); null where it does not
    /// matter.</summary>
    internal abstract bool? AlignCorners { get; }

    /// <summary>The side of the square by which the background input must be eroded (as in its training); null where it does not
    /// matter.</summary>
    /// <param name="size">S, pixels.</param>
    internal virtual int? BackgroundKernel(int size) => null;

    /// <summary>The same generator fed by two people: the source keeps its pose, and wears what the reference wears (appearance
    /// transfer).</summary>
    /// <exception cref="NotSupportedException">It makes pictures of one person only.</exception>
    internal virtual TransferGenerator ForAppearance() =>
        throw new NotSupportedException($"{GetType().Name} makes pictures of one person only, and cannot transfer appearance.");

    /// <summary>Makes a worker for pictures of one size; one worker serves one thread at a time.</summary>
    /// <param name="size">S, pixels.</param>
    internal abstract ITransferWorker CreateWorker(int size);
}

/// <summary>Does a generator's work for one thread.</summary>
internal interface ITransferWorker : IDisposable
{
    /// <summary>Takes a new source: everything that does not depend on the target is computed here.</summary>
    /// <param name="frame">The tensors of <see cref="TransferGenerator.SourceTensors"/>.</param>
    void Prepare(in TransferFrame frame);

    /// <summary>Generates one target of the source that was prepared last.</summary>
    /// <param name="frame">The tensors of <see cref="TransferGenerator.TargetTensors"/>.</param>
    /// <param name="result">Receives picture, colour, mask and background.</param>
    /// <exception cref="InvalidOperationException">No source was prepared.</exception>
    void Generate(in TransferFrame frame, TransferResult result);
}
