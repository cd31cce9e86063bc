using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// The hole that a person leaves in a picture, filled by rule as a first guess for the background network. Holds its scratch; one instance
/// serves one thread at a time.
/// </summary>
internal sealed class PersonHole
{
    private const float PersonFrom = 0.25f;

    private readonly int _size, _plane, _kernel;
    private readonly Morphology _morphology;
    private readonly float[] _hole, _plate;

    /// <summary>Prepares for pictures of one size.</summary>
    /// <param name="size">S.</param>
    public PersonHole(int size)
    {
        (_size, _plane) = (size, size * size);
        // The rim of a person bleeds a little into the background.
        _kernel = (9 * size / 256) | 1;
        _morphology = new Morphology(size, size);
        (_hole, _plate) = (new float[_plane], new float[3 * _plane]);
    }

    /// <summary>Fills the hole: where the body's silhouette is, or where a mask says that the person is.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="outside">[1,S,S]: 1 outside the body's silhouette, eroded.</param>
    /// <param name="backgroundMask">[1,S,S]: 1 where a mask says background, 0 where it says person.</param>
    /// <param name="input">Receives [4,S,S]: the filled picture, and 1 outside the hole; may be where <paramref name="outside"/>
    /// lies.</param>
    public void Fill(ReadOnlySpan<float> image, ReadOnlySpan<float> outside, ReadOnlySpan<float> backgroundMask, Span<float> input)
    {
        Mark(outside, backgroundMask, input[(3 * _plane)..]);
        BackgroundPlate.Fill(image, _hole, _size, _plate);
        _plate.CopyTo(input);
    }

    /// <summary>Where patches of what the picture shows elsewhere agree, they take the place of what a network made of the hole that was
    /// found last.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="plate">The network's background [3,S,S]; receives both.</param>
    internal void AddPatches(ReadOnlySpan<float> image, Span<float> plate) => ExemplarFill.Add(image, _hole, _size, plate);

    /// <summary>Finds the hole without filling it.</summary>
    /// <param name="outside">[1,S,S]: 1 outside the body's silhouette, eroded.</param>
    /// <param name="backgroundMask">[1,S,S]: 1 where a mask says background, 0 where it says person.</param>
    /// <param name="outsideHole">Receives [1,S,S]: 1 outside the hole; may be where <paramref name="outside"/> lies.</param>
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

    /// <summary>Adds the network's correction to the filled picture, inside the hole.</summary>
    /// <param name="filled">The filled picture [3,S,S].</param>
    /// <param name="outside">[1,S,S]: 1 outside the hole.</param>
    /// <param name="correction">The network's picture [3,S,S]; becomes the background.</param>
    internal static void Correct(ReadOnlySpan<float> filled, ReadOnlySpan<float> outside, Span<float> correction)
    {
        int n = outside.Length;
        for (int i = 0; i < correction.Length; i++)
            correction[i] = Math.Clamp(filled[i] + (1 - outside[i % n]) * correction[i], -1, 1);
    }
}
