using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Heads;

/// <summary>
/// The colour of the hair in a source picture, for the back of a head that the picture does not show: the median of the head's outline in
/// the person's mask (<see cref="HeadOutline"/>). Without a mask: of the pixels around the head and on its top, without those that have
/// the colour of the face; if few other pixels remain, the head counts as bald. Immutable.
/// </summary>
internal sealed class HairColour
{
    // Above these values of a matte and of a mask, a pixel is fully the person; the rim of a mask contains background, one pixel in 256.
    private const float SurelyPerson = 0.9f, SurelyMasked = 0.6f, Rim = 1f / 256;

    // How far from the head hair is searched for, as a share of the head's width in the picture; and the least share of the pixels found
    // there that must be hair.
    private const float Reach = 0.5f, LeastShare = 0.15f;
    private const int LeastPixels = HeadOutline.LeastPixels;

    private readonly bool[] _head, _top, _face;

    /// <summary>Prepares the data that depends on the body alone.</summary>
    /// <param name="body">The body.</param>
    /// <param name="faces">The faces of its head.</param>
    public HairColour(BodyModel body, HeadFaces faces)
    {
        (_head, _top, _face) = (faces.Head, faces.Top, faces.Face);
        var back = new SortedSet<int>();
        for (int f = 0; f < body.FaceCount; f++)
        {
            if (_head[f] && !body.Surface.Front[f])
                back.UnionWith(body.Faces.Slice(3 * f, 3).ToArray());
        }
        Vertices = [.. back];
    }

    /// <summary>The vertices of the head that hair covers: all above the nape except those of the face.</summary>
    public IReadOnlyList<int> Vertices { get; }

    /// <summary>Estimates the colour.</summary>
    /// <param name="image">The source picture [3,S,S].</param>
    /// <param name="faceIndex">Its face index map [S,S].</param>
    /// <param name="matte">The share of each pixel that the person covers [S,S].</param>
    /// <param name="size">S.</param>
    /// <param name="mask">An estimator's person mask [G,G]; if empty, the matte is used.</param>
    /// <param name="strands">The mean deviation of the hair's brightness; 0 if it is not known.</param>
    /// <returns>Red, green and blue; null if the picture shows no hair.</returns>
    public float[]? Find(ReadOnlySpan<float> image, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> matte, int size,
        ReadOnlySpan<float> mask, out float strands)
    {
        strands = 0;
        bool[] body = new bool[size * size];
        (bool[] whole, bool[] person) = PersonOf(matte, mask, size);
        List<int> around = [], skin = [];
        (int left, int right, int shown) = (size, -1, 0);
        for (int i = 0; i < body.Length; i++)
        {
            int face = faceIndex[i];
            body[i] = face >= 0;
            if (face < 0 || !_head[face])
                continue;
            (left, right, shown) = (Math.Min(left, i % size), Math.Max(right, i % size), shown + 1);
            if (person[i] && (_top[face] || _face[face]))
                (_top[face] ? around : skin).Add(i);
        }
        if (shown == 0)
            return null;
        int[] nearest = new int[body.Length];
        new NearestPixels(size).Find(body, nearest);
        float reach = Reach * (right - left + 1);
        for (int i = 0; i < body.Length; i++)
        {
            if (body[i] || !person[i] || nearest[i] < 0 || !_head[faceIndex[nearest[i]]])
                continue;
            int dx = i % size - nearest[i] % size, dy = i / size - nearest[i] / size;
            if (dx * dx + dy * dy <= reach * reach)
                around.Add(i);
        }
        if (around.Count < LeastPixels)
            return null;
        if (!mask.IsEmpty && HeadOutline.Find(image, i => whole[i], around, skin, size) is (float[] found, _, float deviation))
        {
            strands = deviation;
            return found;
        }
        List<int> hair = skin.Count < LeastPixels ? around : HeadOutline.OtherThan(HeadOutline.Median(image, skin), image, around);
        return HeadOutline.Median(image, hair.Count < Math.Max(LeastPixels, LeastShare * around.Count) ? around : hair);
    }

    // The pixels that are surely the person, and those that are not mixed with background either.
    private static (bool[] Person, bool[] Inner) PersonOf(ReadOnlySpan<float> matte, ReadOnlySpan<float> mask, int size)
    {
        float[] map = new float[matte.Length];
        if (!mask.IsEmpty)
            MaskGrid.Resize(mask, map, size);
        for (int i = 0; i < map.Length; i++)
            map[i] = mask.IsEmpty ? matte[i] > SurelyPerson ? 1 : 0 : map[i] > SurelyMasked ? 1 : 0;
        bool[] person = Array.ConvertAll(map, m => m > 0);
        if (!mask.IsEmpty)
            new Morphology(size, size).Erode(map, 2 * Math.Max((int)(Rim * size), 1) + 1, map);
        return (person, Array.ConvertAll(map, m => m > 0));
    }
}
