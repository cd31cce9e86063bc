using System.Numerics.Tensors;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Warping;

/// <summary>Assembles the inputs of the generator's streams (Liquid Warping GAN, section 3.2). Holds scratch buffers; use an instance on
/// one thread at a time.</summary>
internal sealed class InputAssembler
{
    /// <summary>The kernel by which the silhouette is eroded for crop masks and the source's foreground.</summary>
    public const int ForegroundKernel = 3;

    private readonly int _plane;
    private readonly Morphology _morphology;
    private readonly float[] _mask;

    /// <summary>Creates an assembler for pictures of one size.</summary>
    /// <param name="size">S, at least 1 pixel.</param>
    public InputAssembler(int size)
    {
        _morphology = new Morphology(size, size);
        _plane = size * size;
        _mask = new float[_plane];
        Size = size;
    }

    /// <summary>S, the width and height of the pictures.</summary>
    public int Size { get; }

    /// <summary>Computes the background input [4,S,S]: m = erode(condition[2], kernel); (image * m, m).</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="condition">The condition map of its person [3,S,S].</param>
    /// <param name="kernel">15 in training, 13 at inference; larger for loose clothes. Odd.</param>
    /// <param name="input">Receives [4,S,S].</param>
    /// <param name="person">An estimator's person mask [G,G] over the square, which includes hair and clothes outside the body; empty for
    /// none. There and within S/64 around it, m is 0 too.</param>
    public void Background(ReadOnlySpan<float> image, ReadOnlySpan<float> condition, int kernel, Span<float> input,
        ReadOnlySpan<float> person = default)
    {
        Check(image, 3, nameof(image));
        Check(condition, 3, nameof(condition));
        Check(input, 4, nameof(input));
        Span<float> m = input[(3 * _plane)..];
        _morphology.Erode(condition[(2 * _plane)..], kernel, m);
        // A coarse grid misses the tips of hair, and the rim of a person bleeds into the background.
        Hide(person, m, 2 * Math.Max(Size / 64, 1) + 1);
        for (int c = 0; c < 3; c++)
            TensorPrimitives.Multiply(image.Slice(c * _plane, _plane), m, input.Slice(c * _plane, _plane));
    }

    /// <summary>Computes the source (foreground) input [6,S,S]: c = erode(condition[2], 3); (image * (1 - c), condition).</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="condition">The condition map of its person [3,S,S].</param>
    /// <param name="input">Receives [6,S,S].</param>
    /// <param name="cropMask">Receives c, [1,S,S].</param>
    /// <param name="person">An estimator's person mask, as for the background: there c is 0 too; empty for none. The networks were
    /// trained without it.</param>
    public void Foreground(ReadOnlySpan<float> image, ReadOnlySpan<float> condition, Span<float> input, Span<float> cropMask,
        ReadOnlySpan<float> person = default)
    {
        Check(image, 3, nameof(image));
        Check(condition, 3, nameof(condition));
        Check(input, 6, nameof(input));
        CropMask(condition, cropMask);
        Hide(person, cropMask, kernel: 1);
        TensorPrimitives.Subtract(1f, cropMask, _mask);
        for (int c = 0; c < 3; c++)
            TensorPrimitives.Multiply(image.Slice(c * _plane, _plane), _mask, input.Slice(c * _plane, _plane));
        condition.CopyTo(input[(3 * _plane)..]);
    }

    /// <summary>Computes the transfer input [6,S,S]: (warped source, condition of the target).</summary>
    /// <param name="warped">The source sampled at T [3,S,S].</param>
    /// <param name="condition">The target's condition map [3,S,S].</param>
    /// <param name="input">Receives [6,S,S].</param>
    public void Transfer(ReadOnlySpan<float> warped, ReadOnlySpan<float> condition, Span<float> input)
    {
        Check(warped, 3, nameof(warped));
        Check(condition, 3, nameof(condition));
        Check(input, 6, nameof(input));
        warped.CopyTo(input);
        condition.CopyTo(input[(3 * _plane)..]);
    }

    /// <summary>Computes the crop mask [1,S,S]: erode(condition[2], 3), 1 on background.</summary>
    /// <param name="condition">A condition map [3,S,S].</param>
    /// <param name="cropMask">Receives [1,S,S].</param>
    public void CropMask(ReadOnlySpan<float> condition, Span<float> cropMask)
    {
        Check(condition, 3, nameof(condition));
        Check(cropMask, 1, nameof(cropMask));
        _morphology.Erode(condition[(2 * _plane)..], ForegroundKernel, cropMask);
    }

    private void Hide(ReadOnlySpan<float> person, Span<float> background, int kernel)
    {
        if (person.IsEmpty)
            return;
        MaskGrid.Resize(person, _mask, Size);
        for (int i = 0; i < _plane; i++)
            _mask[i] = _mask[i] > MaskGrid.PersonFrom ? 1 : 0;
        _morphology.Dilate(_mask, kernel, _mask);
        for (int i = 0; i < _plane; i++)
            background[i] *= 1 - _mask[i];
    }

    private void Check(ReadOnlySpan<float> tensor, int channels, string name)
    {
        if (tensor.Length != channels * _plane)
            throw new ArgumentException($"[{channels},{Size},{Size}] has {channels * _plane} elements, but {tensor.Length} were given.",
                name);
    }
}
