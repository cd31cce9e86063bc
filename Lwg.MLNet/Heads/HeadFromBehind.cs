using Lwg.MLNet.Body;

namespace Lwg.MLNet.Heads;

/// <summary>
/// The back of a head that the photograph shows from the front. From behind, a head has the mirrored outline, with the hair that the
/// photograph shows around the face; where the face is, and on the rim of the mask, the colours of the hair beside it are continued. Hair
/// is what has the colour of the head's outline rather than of the face: the outline is known from the person's mask, even if the body's
/// head is displaced. Holds scratch buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class HeadFromBehind
{
    // A pixel of the mask from the last value on is fully the person, below the second it is not, from the first on it is blended.
    private const float Blended = 0.3f, Person = 0.5f, SurelyMasked = 0.8f;

    // The rim of a mask contains background and light from behind, so many pixels of 256.
    private const float Rim = 2f / 256;

    // One pass of smoothing for so many pixels of the picture's side.
    private const int Smoothed = 64;

    // The step by which directions are searched, and the depth to which hair is read, in pixels of 256: its edge is mixed with skin.
    private const float Step = 0.5f / 256, Depth = 3f / 256;

    private enum Kind : byte
    {
        Nothing,
        Other,
        Face,
        Head,
        Neck,
        Hair,
    }

    private readonly int _size, _plane;
    private readonly HeadFaces _faces;
    private readonly bool[] _onHead, _front;
    private readonly Kind[] _kinds;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">S.</param>
    /// <param name="body">The body.</param>
    /// <param name="faces">The faces of its head.</param>
    public HeadFromBehind(int size, BodyModel body, HeadFaces faces)
    {
        (_size, _plane, _faces) = (size, size * size, faces);
        (_onHead, _front) = (body.Surface.Head.ToArray(), body.Surface.Front.ToArray());
        (_kinds, Picture) = (new Kind[_plane], new float[3 * _plane]);
    }

    /// <summary>The source's picture [3,S,S], with hair in the place of the face.</summary>
    public float[] Picture { get; }

    /// <summary>Notes which pixels belong to the head.</summary>
    /// <param name="faceIndex">The source's face index map [S,S].</param>
    public void Prepare(ReadOnlySpan<int> faceIndex)
    {
        for (int i = 0; i < _plane; i++)
        {
            int face = faceIndex[i];
            _kinds[i] = face < 0 ? Kind.Nothing : !_onHead[face] ? Kind.Other : _front[face] && !_faces.Top[face] ? Kind.Face
                : _faces.Head[face] ? Kind.Head : Kind.Neck;
        }
    }

    /// <summary>Paints the picture.</summary>
    /// <param name="picture">The source's picture [3,S,S] in [-1,1].</param>
    /// <param name="mask">The person's mask [S,S].</param>
    /// <param name="box">The head and its hair, in pixels: left, top, right and bottom, inclusive.</param>
    public void Paint(ReadOnlySpan<float> picture, float[] mask, (int Left, int Top, int Right, int Bottom) box)
    {
        picture.CopyTo(Picture);
        List<int> skin = [], head = [], rim = [];
        Each(box, i =>
        {
            if (mask[i] < SurelyMasked)
            {
                if (mask[i] >= Blended && _kinds[i] == Kind.Nothing)
                    rim.Add(i);
                return;
            }
            if (_kinds[i] == Kind.Face)
                skin.Add(i);
            if (_kinds[i] is not (Kind.Other or Kind.Neck))
                head.Add(i);
        });
        if (HeadOutline.Find(picture, i => mask[i] >= Person, head, skin, _size) is not (float[] hair, float[] face, _))
            return;
        foreach (int i in head)
        {
            bool isHair = _kinds[i] != Kind.Face && HeadOutline.Difference(Picture, i, hair) <= HeadOutline.Difference(Picture, i, face);
            if (isHair)
                _kinds[i] = Kind.Hair;
            else if (_kinds[i] == Kind.Nothing)
                _kinds[i] = IsRim(i, mask) ? Kind.Head : Kind.Other;
        }
        foreach (int i in rim)
            _kinds[i] = Kind.Head;
        head.AddRange(rim);
        var filled = new List<(int Pixel, float R, float G, float B)>();
        foreach (int i in head)
        {
            if (_kinds[i] is Kind.Face or Kind.Head && Continued(i) is { } color)
                filled.Add((i, color.R, color.G, color.B));
        }
        foreach ((int i, float r, float g, float b) in filled)
            (Picture[i], Picture[_plane + i], Picture[2 * _plane + i]) = (r, g, b);
        // The directions leave stripes.
        for (int pass = 0; pass < Math.Max(_size / Smoothed, 1); pass++)
        {
            for (int k = 0; k < filled.Count; k++)
                filled[k] = (filled[k].Pixel, Mean(filled[k].Pixel, 0), Mean(filled[k].Pixel, 1), Mean(filled[k].Pixel, 2));
            foreach ((int i, float r, float g, float b) in filled)
                (Picture[i], Picture[_plane + i], Picture[2 * _plane + i]) = (r, g, b);
        }
    }

    // The mean of a pixel and its neighbours in the head.
    private float Mean(int pixel, int channel)
    {
        float sum = 0;
        int count = 0;
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                if (At(pixel % _size + dx, pixel / _size + dy) is >= 0 and var at && _kinds[at] is not (Kind.Nothing or Kind.Other))
                    (sum, count) = (sum + Picture[channel * _plane + at], count + 1);
            }
        }
        return sum / count;
    }

    private bool IsRim(int pixel, float[] mask) => Array.Exists(HeadOutline.Directions, d =>
        At(pixel % _size + Rim * _size * d.X, pixel / _size + Rim * _size * d.Y) is >= 0 and var at && mask[at] < Person);

    private void Each((int Left, int Top, int Right, int Bottom) box, Action<int> action)
    {
        for (int y = Math.Max(box.Top, 0); y <= Math.Min(box.Bottom, _size - 1); y++)
        {
            for (int x = Math.Max(box.Left, 0); x <= Math.Min(box.Right, _size - 1); x++)
                action(y * _size + x);
        }
    }

    // The mean of the hair, or below the face the neck, in all directions, weighted by the square of its nearness.
    private (float R, float G, float B)? Continued(int pixel)
    {
        (int x, int y) = (pixel % _size, pixel / _size);
        float weights = 0, r = 0, g = 0, b = 0, step = MathF.Max(Step * _size, 0.5f);
        foreach ((float dx, float dy) in HeadOutline.Directions)
        {
            float way = step;
            int at = At(x + way * dx, y + way * dy);
            while (at >= 0 && _kinds[at] is Kind.Face or Kind.Head)
                at = At(x + (way += step) * dx, y + way * dy);
            if (at < 0 || _kinds[at] is not (Kind.Hair or Kind.Neck))
                continue;
            Kind kind = _kinds[at];
            float weight = 1 / (way * way);
            for (float depth = step; depth < Depth * _size; depth += step)
            {
                int next = At(x + (way + depth) * dx, y + (way + depth) * dy);
                if (next < 0 || _kinds[next] != kind)
                    break;
                at = next;
            }
            (weights, r, g, b) = (weights + weight, r + weight * Picture[at], g + weight * Picture[_plane + at],
                b + weight * Picture[2 * _plane + at]);
        }
        return weights > 0 ? (r / weights, g / weights, b / weights) : null;
    }

    private int At(float x, float y)
    {
        (int column, int row) = ((int)MathF.Round(x), (int)MathF.Round(y));
        return (uint)column < (uint)_size && (uint)row < (uint)_size ? row * _size + column : -1;
    }
}
