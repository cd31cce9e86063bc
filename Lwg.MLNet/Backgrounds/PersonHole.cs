using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Backgrounds;

/// <summary>
/// The hole that a person leaves in a picture, filled by rule as a first guess for the background network. Holds scratch buffers; use an
/// instance on one thread at a time.
/// </summary>
internal sealed class PersonHole
{
    private const float PersonFrom = 0.25f;

    private readonly int _size, _plane, _kernel;
    private readonly Morphology _morphology;
    private readonly float[] _hole, _plate;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">S.</param>
    public PersonHole(int size)
    {
        (_size, _plane) = (size, size * size);
        // The rim of a person bleeds a little into the background.
        _kernel = (9 * size / 256) | 1;
        _morphology = new Morphology(size, size);
        (_hole, _plate) = (new float[_plane], new float[3 * _plane]);
    }

    /// <summary>Fills the hole: the body's silhouette and the pixels that a mask marks as the person.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="outside">[1,S,S]: 1 outside the body's silhouette, eroded.</param>
    /// <param name="backgroundMask">[1,S,S]: a mask, 1 on the background, 0 on the person.</param>
    /// <param name="input">Receives [4,S,S]: the filled picture, and 1 outside the hole; may overlap <paramref name="outside"/>.</param>
    public void Fill(ReadOnlySpan<float> image, ReadOnlySpan<float> outside, ReadOnlySpan<float> backgroundMask, Span<float> input)
    {
        Mark(outside, backgroundMask, input[(3 * _plane)..]);
        BackgroundPlate.Fill(image, _hole, _size, _plate);
        _plate.CopyTo(input);
    }

    /// <summary>Blends patches from the rest of the picture over a network's fill of the last hole, where the patches agree.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="plate">The network's background [3,S,S]; receives the blend.</param>
    internal void AddPatches(ReadOnlySpan<float> image, Span<float> plate) => ExemplarFill.Add(image, _hole, _size, plate);

    /// <summary>Computes the hole without filling it.</summary>
    /// <param name="outside">[1,S,S]: 1 outside the body's silhouette, eroded.</param>
    /// <param name="backgroundMask">[1,S,S]: a mask, 1 on the background, 0 on the person.</param>
    /// <param name="outsideHole">Receives [1,S,S]: 1 outside the hole; may overlap <paramref name="outside"/>.</param>
    internal void Mark(ReadOnlySpan<float> outside, ReadOnlySpan<float> backgroundMask, Span<float> outsideHole)
    {
        for (int i = 0; i < _plane; i++)
            _hole[i] = 1 - backgroundMask[i] > PersonFrom ? 1 : 0;
        _morphology.Dilate(_hole, _kernel, _hole);
        for (int i = 0; i < _plane; i++)
        {
            if (outside[i] < 0.5f)
                _hole[i] = 1;
            outsideHole[i] = 1 - _hole[i];
        }
    }

    /// <summary>Adds the network's correction to the filled picture inside the hole.</summary>
    /// <param name="filled">The filled picture [3,S,S].</param>
    /// <param name="outside">[1,S,S]: 1 outside the hole.</param>
    /// <param name="correction">The network's output [3,S,S]; receives the background.</param>
    internal static void Correct(ReadOnlySpan<float> filled, ReadOnlySpan<float> outside, Span<float> correction)
    {
        int n = outside.Length;
        for (int i = 0; i < correction.Length; i++)
            correction[i] = Math.Clamp(filled[i] + (1 - outside[i % n]) * correction[i], -1, 1);
    }
}
