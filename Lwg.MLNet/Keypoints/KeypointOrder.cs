namespace Lwg.MLNet.Keypoints;

/// <summary>Maps the key points of a detector to COCO's 17, by their names or their number.</summary>
internal static class KeypointOrder
{
    /// <summary>The supported numbers of key points without names.</summary>
    public const string Counts = "17 key points (COCO), 18, 25 and 15 (OpenPose), 23, 26, 133, 135 and 136 (COCO with feet, hands and "
        + "face: the first 17), 33 (MediaPipe)";

    private static readonly Dictionary<string, int> s_names = Names();

    // The neck, the middle of the hips and the feet are omitted.
    private static readonly int[] s_openPose18 = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10];
    private static readonly int[] s_openPose25 = [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11];
    private static readonly int[] s_openPose15 = [-1, -1, -1, -1, -1, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10];
    private static readonly int[] s_mediaPipe33 = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];
    private static readonly int[] s_first17 = [.. Enumerable.Range(0, CocoSkeleton.KeypointCount)];

    /// <summary>Returns, for each of COCO's 17 key points, its index in an order of <paramref name="count"/> points, -1 if it is missing;
    /// null if there is no known order of that length.</summary>
    public static int[]? OfCount(int count) => count switch
    {
        17 or 23 or 26 or 133 or 135 or 136 => s_first17,
        18 => s_openPose18,
        25 => s_openPose25,
        15 => s_openPose15,
        33 => s_mediaPipe33,
        _ => null,
    };

    /// <summary>Returns, for each of COCO's 17 key points, its index among key points of these names, -1 if it is missing; null if the
    /// names contain neither both shoulders nor both hips.</summary>
    public static int[]? OfNames(IReadOnlyList<string> names)
    {
        int[] places = [.. Enumerable.Repeat(-1, CocoSkeleton.KeypointCount)];
        for (int i = 0; i < names.Count; i++)
        {
            if (s_names.TryGetValue(Plain(names[i]), out int coco) && places[coco] < 0)
                places[coco] = i;
        }
        bool shoulders = Has(CocoSkeleton.LeftShoulder) && Has(CocoSkeleton.RightShoulder),
            hips = Has(CocoSkeleton.LeftHip) && Has(CocoSkeleton.RightHip);
        return shoulders || hips ? places : null;

        bool Has(int k) => places[k] >= 0;
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetter)).ToLowerInvariant();

    // Names in the forms "left_eye", "leftEye", "l_eye", "LEye".
    private static Dictionary<string, int> Names()
    {
        var names = new Dictionary<string, int>();
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            string[] words = CocoSkeleton.KeypointNames[k].Split(' ');
            names[string.Concat(words)] = k;
            if (words.Length == 2)
                names[words[0][0] + words[1]] = k;
        }
        return names;
    }
}
