using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// The inputs of a generator's transfer stream that depend on a target, at the networks' size N; used by the generator and the trainer.
/// Holds scratch buffers; use an instance on one thread at a time.
/// </summary>
/// <param name="surface">The body's surface.</param>
/// <param name="assembler">Assembles inputs of size N.</param>
internal sealed class NetworkTarget(BodySurface surface, InputAssembler assembler)
{
    private readonly int _size = assembler.Size;

    /// <summary>The flow T [N,N,2].</summary>
    public float[] Flow { get; } = new float[2 * assembler.Size * assembler.Size];

    /// <summary>The source sampled at T [3,N,N].</summary>
    public float[] Warped { get; } = new float[3 * assembler.Size * assembler.Size];

    /// <summary>The target's condition map [3,N,N].</summary>
    public float[] Condition { get; } = new float[3 * assembler.Size * assembler.Size];

    /// <summary>The transfer input [6,N,N].</summary>
    public float[] TransferInput { get; } = new float[6 * assembler.Size * assembler.Size];

    /// <summary>Computes T and warps the source.</summary>
    /// <param name="points">The picture points of the source's faces [F,3,2].</param>
    /// <param name="picture">The source picture [3,N,N].</param>
    /// <param name="faceIndex">The target's face index map [N,N].</param>
    /// <param name="weights">The target's weight map [N,N,3].</param>
    /// <param name="alignCorners">Whether -1 and 1 are the centres of the outermost pixels.</param>
    public void Warp(ReadOnlySpan<float> points, ReadOnlySpan<float> picture, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights,
        bool alignCorners)
    {
        TransformationFlow.Compute(points, faceIndex, weights, Flow);
        GridSampler.Sample(picture, 3, _size, _size, Flow, alignCorners, Warped);
    }

    /// <summary>Assembles the input from the output of <see cref="Warp"/>, including changes made to it since.</summary>
    /// <param name="faceIndex">The target's face index map [N,N].</param>
    public void Assemble(ReadOnlySpan<int> faceIndex)
    {
        BodyMaps.Condition(faceIndex, surface, Condition);
        assembler.Transfer(Warped, Condition, TransferInput);
    }
}
