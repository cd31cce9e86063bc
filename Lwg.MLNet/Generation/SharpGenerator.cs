using Lwg.MLNet.Body;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Combines the learned generator's picture with the detail of the source. The flow T can be computed at any size; the network was
/// trained at one size. The network works at its own size and gives hidden areas, the silhouette and the low frequencies; where the
/// target's surface is well seen in the source, the source warped at full size gives the detail. Where both differ strongly in their low
/// frequencies, the network is used. The background also keeps the source's own pixels outside the hole that the person leaves.
/// Thread-safe.
/// </summary>
public sealed class SharpGenerator : TransferGenerator, IDisposable
{
    /// <summary>Combines a network and its body.</summary>
    /// <param name="body">The body whose maps the network reads.</param>
    /// <param name="network">The network; disposed with this generator.</param>
    /// <exception cref="BodyMismatchException">The network reads maps of another body, or the body has no texture coordinates.</exception>
    public SharpGenerator(BodyModel body, LiquidWarpingGenerator network)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(network);
        if (network.BodyHash != body.Hash)
            throw new BodyMismatchException(
                $"The network reads maps of the body with the hash {network.BodyHash}, but '{body.Source}' has {body.Hash}.");
        _ = body.Surface.Condition;
        (Network, Warp) = (network, new TextureWarpGenerator(body));
    }

    /// <summary>The learned generator.</summary>
    public LiquidWarpingGenerator Network { get; }

    /// <summary>The body.</summary>
    public BodyModel Body => Warp.Body;

    /// <summary>Determines how well the source shows the body's surface.</summary>
    internal TextureWarpGenerator Warp { get; }

    /// <inheritdoc/>
    public override string BodyHash => Network.BodyHash;

    /// <inheritdoc/>
    internal override TransferTensors SourceTensors =>
        TransferTensors.SourceImage | TransferTensors.SourcePoints | TransferTensors.SourceFaceIndex;

    /// <inheritdoc/>
    internal override TransferTensors TargetTensors => TransferTensors.TargetFaceIndex | TransferTensors.TargetWeights;

    /// <inheritdoc/>
    internal override bool KeepsVisibleFace => true;

    /// <inheritdoc/>
    /// <remarks>The network's own, unsharpened: kept parts of the source keep its pixels anyway.</remarks>
    internal override TransferGenerator ForAppearance() => Network.ForAppearance();

    /// <inheritdoc/>
    internal override bool? AlignCorners => Network.AlignCorners;

    /// <inheritdoc/>
    internal override int? BackgroundKernel(int size) => Network.BackgroundKernel(size);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The pictures are smaller than those of the training, and the network cannot halve them often
    /// enough.</exception>
    internal override ITransferWorker CreateWorker(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return new SharpWorker(Warp, Network, size);
    }

    /// <summary>Releases the network; existing workers stay valid.</summary>
    public void Dispose() => Network.Dispose();
}
