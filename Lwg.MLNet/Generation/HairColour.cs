using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// The colour of the hair in a source picture, for the back of a head that the picture does not show: the median of the pixels around the
/// head and on its top, without those that have the colour of the face. If few other pixels remain, the head counts as bald. Immutable.
/// </summary>
internal sealed class HairColour
{
    // Above these values of a matte and of a mask, a pixel is fully the person; the rim of a mask contains background, one pixel in 256.
    private const float SurelyPerson = 0.9f, SurelyMasked = 0.6f, Rim = 1f / 256;

    // How far from the head hair is searched for, as a share of the head's width in the picture; and the least share of the pixels found
    // there that must be hair.
    private const float Reach = 0.5f, LeastShare = 0.15f;
    private const int LeastPixels = 8;

    // Pixels with a larger mean difference from the face are not skin, in units of [-1,1].
    private const float OtherThanSkin = 0.25f;

    private readonly bool[] _head, _top, _face;

    /// <summary>Prepares the data that depends on the body alone.</summary>
    /// <param name="body">A body with marked head and facial front.</param>
    /// <param name="nape">The height of the template (metres) above which hair grows at the back.</param>
    /// <param name="hairline">The height of the template (metres) above which hair grows all around.</param>
    public HairColour(BodyModel body, float nape, float hairline)
    {
        BodySurface surface = body.Surface;
        (_head, _top, _face) = (new bool[body.FaceCount], new bool[body.FaceCount], new bool[body.FaceCount]);
        var back = new SortedSet<int>();
        for (int f = 0; f < body.FaceCount; f++)
        {
            if (!surface.Head[f])
                continue;
            float lowest = float.MaxValue;
            foreach (int v in body.Faces.Slice(3 * f, 3))
                lowest = Math.Min(lowest, body.Data.Template[3 * v + 1]);
            _head[f] = lowest > nape;
            _top[f] = lowest > hairline;
            _face[f] = surface.Front[f] && !_top[f];
            if (_head[f] && !surface.Front[f])
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
    /// <returns>Red, green and blue; null if the picture shows no hair.</returns>
    public float[]? Find(ReadOnlySpan<float> image, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> matte, int size,
        ReadOnlySpan<float> mask)
    {
        bool[] body = new bool[size * size], person = PersonOf(matte, mask, size);
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
        List<int> hair = skin.Count < LeastPixels ? around : OtherThan(Median(image, skin), image, around);
        return Median(image, hair.Count < Math.Max(LeastPixels, LeastShare * around.Count) ? around : hair);
    }

    private static List<int> OtherThan(float[] skin, ReadOnlySpan<float> image, List<int> pixels)
    {
        int plane = image.Length / 3;
        var other = new List<int>();
        foreach (int i in pixels)
        {
            float difference = 0;
            for (int c = 0; c < 3; c++)
                difference += Math.Abs(image[c * plane + i] - skin[c]) / 3;
            if (difference > OtherThanSkin)
                other.Add(i);
        }
        return other;
    }

    private static float[] Median(ReadOnlySpan<float> image, List<int> pixels) =>
        [Median(image, pixels, 0), Median(image, pixels, 1), Median(image, pixels, 2)];

    private static bool[] PersonOf(ReadOnlySpan<float> matte, ReadOnlySpan<float> mask, int size)
    {
        bool[] person = new bool[matte.Length];
        float[] map = new float[matte.Length];
        if (!mask.IsEmpty)
            MaskGrid.Resize(mask, map, size);
        for (int i = 0; i < map.Length; i++)
            map[i] = mask.IsEmpty ? matte[i] > SurelyPerson ? 1 : 0 : map[i] > SurelyMasked ? 1 : 0;
        if (!mask.IsEmpty)
            new Morphology(size, size).Erode(map, 2 * Math.Max((int)(Rim * size), 1) + 1, map);
        for (int i = 0; i < map.Length; i++)
            person[i] = map[i] > 0;
        return person;
    }

    private static float Median(ReadOnlySpan<float> image, List<int> pixels, int channel)
    {
        float[] values = new float[pixels.Count];
        int plane = image.Length / 3;
        for (int k = 0; k < values.Length; k++)
            values[k] = image[channel * plane + pixels[k]];
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
