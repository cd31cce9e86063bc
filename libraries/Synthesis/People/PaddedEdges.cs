using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// The edges of a photograph within the square that an estimator reads: outside them, the square repeats the photograph's outermost
/// pixels. The upper edge may cut off the head, and the lower edge the feet.
/// </summary>
internal readonly struct PaddedEdges
{
    private const float TallShare = 0.35f, WideShare = 0.15f, FootlessShare = 0.06f;

    /// <summary>Returns the share of people without a head: photographs that cut it off show mostly fronts.</summary>
    /// <param name="towards">The cosine of the angle between the directions that the person faces and to the camera.</param>
    public static float HeadlessShare(float towards) => 0.12f * MathF.Max(towards, 0.15f);

    private readonly int _left, _right, _top, _bottom;

    /// <summary>Chooses edges.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="snapshot">The picture.</param>
    /// <param name="person">The person's first and last columns and rows.</param>
    /// <param name="towards">The cosine of the angle between the directions that the person faces and to the camera.</param>
    public PaddedEdges(ref Dice dice, Snapshot snapshot, (int Left, int Right, int Top, int Bottom) person, float towards)
    {
        int size = snapshot.Size;
        (_left, _right, _top, _bottom) = (0, size, 0, size);
        float kind = dice.Share();
        if (kind < TallShare)
        {
            _left = (int)(MathF.Max(dice.Between(-0.3f, 1), 0) * person.Left);
            _right = size - (int)(MathF.Max(dice.Between(-0.3f, 1), 0) * (size - 1 - person.Right));
        }
        if (kind > 1 - WideShare)
            (_top, _bottom) = ((int)(dice.Share() * person.Top), size - (int)(dice.Share() * (size - 1 - person.Bottom)));
        float shoulders = MathF.Min(snapshot.Keypoints[3 * CocoSkeleton.LeftShoulder + 1],
            snapshot.Keypoints[3 * CocoSkeleton.RightShoulder + 1]);
        if (dice.Chance(HeadlessShare(towards)) && shoulders > person.Top)
            _top = Math.Clamp((int)(person.Top + dice.Between(0.4f, 0.95f) * (shoulders - person.Top)), 0, size - 1);
        if (dice.Chance(FootlessShare))
            _bottom = Math.Max(person.Bottom - (int)(dice.Between(0.02f, 0.25f) * (person.Bottom - person.Top)), _top + 1);
    }

    /// <summary>Repeats the outermost pixels; there the mask is 0 and key points are outside the picture.</summary>
    /// <param name="snapshot">The picture, changed in place.</param>
    public void Apply(Snapshot snapshot)
    {
        int size = snapshot.Size;
        float[] image = snapshot.Image;
        for (int y = 0; y < size; y++)
        {
            int row = Math.Clamp(y, _top, _bottom - 1);
            for (int x = 0; x < size; x++)
            {
                int column = Math.Clamp(x, _left, _right - 1);
                if (row == y && column == x)
                    continue;
                snapshot.Mask[y * size + x] = 0;
                for (int plane = 0; plane < image.Length; plane += size * size)
                    image[plane + y * size + x] = image[plane + row * size + column];
            }
        }
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            (float x, float y) = (snapshot.Keypoints[3 * k], snapshot.Keypoints[3 * k + 1]);
            if (!(x >= _left && x < _right && y >= _top && y < _bottom))
                snapshot.Keypoints[3 * k + 2] = 0;
        }
    }
}
