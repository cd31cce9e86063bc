using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Warping;

/// <summary>
/// The pixels of a picture that may be taken as the person according to an estimator's mask, and a picture in which each other pixel is
/// replaced by the nearest of them. A fitted body is often wider than the person or beside it; code that reads the person through the
/// body reads this picture, so that it never reads background. Code that reads the background reads the original picture. Holds scratch
/// buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class PersonPixels
{
    /// <summary>The mask value from which a point is the person.</summary>
    public const float PersonFrom = 0.5f;

    // The share of the body's silhouette that must lie within the mask. A mask with less shows something else, or hardly anything, and
    // changes nothing.
    private const float LeastOverlap = 0.6f;

    // The outermost pixels contain background: within this share of S, 2 pixels at 256, they are not used as replacements. Parts thinner
    // than that, such as a finger, are used.
    private const float MixedRim = 1.5f / 256;

    private readonly int _size, _plane, _rim;
    private readonly Morphology _morphology;
    private readonly NearestPixels _search;
    private readonly float[] _mask, _core, _opened;
    private readonly bool[] _body, _person, _lends;
    private readonly int[] _nearest, _stack;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">S.</param>
    public PersonPixels(int size)
    {
        (_size, _plane, _rim) = (size, size * size, Math.Max((int)MathF.Round(MixedRim * size), 1));
        (_morphology, _search) = (new Morphology(size, size), new NearestPixels(size));
        (_mask, _core, _opened) = (new float[_plane], new float[_plane], new float[_plane]);
        (_body, _person, _lends, _nearest, _stack) =
            (new bool[_plane], new bool[_plane], new bool[_plane], new int[_plane], new int[_plane]);
    }

    /// <summary>The replacement of each pixel [S,S]: itself, or the nearest one that is certainly the person.</summary>
    public ReadOnlySpan<int> Nearest => _nearest;

    /// <summary>Sets a mask and the body of the same person.</summary>
    /// <param name="mask">[G,G] over the square; empty for none.</param>
    /// <param name="faceIndex">The body's face index map [S,S].</param>
    /// <returns>False if there is no mask, or if it overlaps the body too little: then no pixel may be replaced.</returns>
    public bool Take(ReadOnlySpan<float> mask, ReadOnlySpan<int> faceIndex)
    {
        for (int i = 0; i < _plane; i++)
            _body[i] = faceIndex[i] >= 0;
        return Take(mask);
    }

    /// <summary>Sets a mask and a condition map.</summary>
    /// <param name="mask">[G,G] over the square; empty for none.</param>
    /// <param name="condition">The body's condition map [3,S,S], whose last plane is 1 on background.</param>
    public bool TakeCondition(ReadOnlySpan<float> mask, ReadOnlySpan<float> condition)
    {
        for (int i = 0; i < _plane; i++)
            _body[i] = condition[2 * _plane + i] < 0.5f;
        return Take(mask);
    }

    /// <summary>Makes the picture in which every pixel is the person.</summary>
    /// <param name="picture">[3,S,S].</param>
    /// <param name="person">Receives [3,S,S]; a different array.</param>
    public void Paint(ReadOnlySpan<float> picture, Span<float> person)
    {
        for (int first = 0; first < 3 * _plane; first += _plane)
        {
            for (int i = 0; i < _plane; i++)
                person[first + i] = picture[first + _nearest[i]];
        }
    }

    /// <summary>
    /// Makes the picture for a network: beside the body the picture is unchanged. From the ring of one pixel around the silhouette in its
    /// input, a network learned to distinguish close clothes from loose ones: with the person's colours there it makes people wider.
    /// </summary>
    /// <param name="picture">[3,S,S].</param>
    /// <param name="person">Receives [3,S,S]; a different array.</param>
    public void PaintBody(ReadOnlySpan<float> picture, Span<float> person)
    {
        for (int first = 0; first < 3 * _plane; first += _plane)
        {
            for (int i = 0; i < _plane; i++)
                person[first + i] = picture[first + (_body[i] ? _nearest[i] : i)];
        }
    }

    /// <summary>Sets a matte to 0 outside the person.</summary>
    /// <param name="matte">The share of each pixel that the person covers [S,S].</param>
    public void Clear(Span<float> matte)
    {
        for (int i = 0; i < _plane; i++)
            matte[i] = _person[i] ? matte[i] : 0;
    }

    /// <summary>Whether a mask lies on a body: one that lies elsewhere is of something else.</summary>
    /// <param name="mask">[S,S].</param>
    /// <param name="body">Where the body is [S,S].</param>
    public static bool LiesOn(ReadOnlySpan<float> mask, ReadOnlySpan<bool> body)
    {
        int whole = 0, within = 0;
        for (int i = 0; i < body.Length; i++)
        {
            whole += body[i] ? 1 : 0;
            within += body[i] && mask[i] >= PersonFrom ? 1 : 0;
        }
        return within > 0 && within >= LeastOverlap * whole;
    }

    private bool Take(ReadOnlySpan<float> mask)
    {
        if (mask.IsEmpty)
            return false;
        MaskGrid.Resize(mask, _mask, _size);
        if (!LiesOn(_mask, _body))
            return false;
        KeepWhatTouchesTheBody();
        for (int i = 0; i < _plane; i++)
            _mask[i] = _person[i] ? 1 : 0;
        int kernel = 2 * _rim + 1;
        _morphology.Erode(_mask, kernel, _core);
        _morphology.Dilate(_core, kernel, _opened);
        for (int i = 0; i < _plane; i++)
            _lends[i] = _core[i] == 1 || (_person[i] && _opened[i] == 0);
        _search.Find(_lends, _nearest);
        return true;
    }

    /// <summary>Keeps the parts of the mask that touch the body, so that another person in the mask is not used.</summary>
    private void KeepWhatTouchesTheBody()
    {
        _person.AsSpan().Clear();
        int count = 0;
        for (int i = 0; i < _plane; i++)
        {
            if (_body[i])
                Visit(i);
        }
        while (count > 0)
        {
            int i = _stack[--count], x = i % _size;
            if (x > 0)
                Visit(i - 1);
            if (x + 1 < _size)
                Visit(i + 1);
            if (i >= _size)
                Visit(i - _size);
            if (i + _size < _plane)
                Visit(i + _size);
        }

        void Visit(int i)
        {
            if (_person[i] || _mask[i] < PersonFrom)
                return;
            _person[i] = true;
            _stack[count++] = i;
        }
    }
}
