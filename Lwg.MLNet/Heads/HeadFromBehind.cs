using Lwg.MLNet.Body;

namespace Lwg.MLNet.Heads;

/// <summary>
/// The back of a head that the photograph shows from the front. From behind, a head has the mirrored outline, with the hair that the
/// photograph shows around the face; the face and the rim of the mask get the hair's colour. Hair is what has the colour of the head's
/// outline rather than of the face: the outline is known from the person's mask, even if the body's head is displaced. Holds scratch
/// buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class HeadFromBehind
{
    // Values of the mask: from the first on a pixel is blended, below the second it is not the person, from the third on it is fully the
    // person.
    private const float Blended = 0.3f, Person = 0.5f, SurelyMasked = 0.8f;

    // The width of the rim of a mask, which contains background and light from behind: 2 pixels of 256.
    private const float Rim = 2f / 256;

    private enum Kind : byte
    {
        Nothing,
        Other,
        Face,
        Head,
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
            _kinds[i] = face < 0 ? Kind.Nothing : _onHead[face] && _front[face] && !_faces.Top[face] ? Kind.Face
                : _faces.Head[face] ? Kind.Head : Kind.Other;
        }
    }

    /// <summary>Paints the picture.</summary>
    /// <param name="picture">The source's picture [3,S,S] in [-1,1].</param>
    /// <param name="mask">The person's mask [S,S].</param>
    /// <param name="box">The head and its hair, in pixels: left, top, right and bottom, inclusive.</param>
    public void Paint(ReadOnlySpan<float> picture, float[] mask, (int Left, int Top, int Right, int Bottom) box)
    {
        picture.CopyTo(Picture);
        List<int> skin = [], head = [], replaced = [];
        for (int y = Math.Max(box.Top, 0); y <= Math.Min(box.Bottom, _size - 1); y++)
        {
            for (int x = Math.Max(box.Left, 0); x <= Math.Min(box.Right, _size - 1); x++)
            {
                int i = y * _size + x;
                if (_kinds[i] == Kind.Face && mask[i] >= SurelyMasked)
                    skin.Add(i);
                if (_kinds[i] != Kind.Other && mask[i] >= SurelyMasked)
                    head.Add(i);
                else if (_kinds[i] == Kind.Nothing && mask[i] >= Blended)
                    replaced.Add(i);
            }
        }
        if (HeadOutline.Find(picture, i => mask[i] >= Person, head, skin, _size) is not (float[] hair, float[] face, _))
            return;
        foreach (int i in head)
        {
            bool isHair = _kinds[i] != Kind.Face && HeadOutline.Difference(picture, i, hair) <= HeadOutline.Difference(picture, i, face);
            if (!isHair && (_kinds[i] != Kind.Nothing || IsRim(i, mask)))
                replaced.Add(i);
        }
        foreach (int i in replaced)
        {
            for (int c = 0; c < 3; c++)
                Picture[c * _plane + i] = hair[c];
        }
    }

    private bool IsRim(int pixel, float[] mask) => Array.Exists(HeadOutline.Directions, d =>
    {
        int x = (int)MathF.Round(pixel % _size + Rim * _size * d.X), y = (int)MathF.Round(pixel / _size + Rim * _size * d.Y);
        return (uint)x < (uint)_size && (uint)y < (uint)_size && mask[y * _size + x] < Person;
    });
}
