namespace Lwg.MLNet.Keypoints;

/// <summary>Which of a detector's key points are COCO's 17: told by their names, or by how many there are.</summary>
internal static class KeypointOrder
{
    /// <summary>What is read where key points have no names.</summary>
    public const string Counts = "17 key points (COCO), 18, 25 and 15 (OpenPose), 23, 26, 133, 135 and 136 (COCO with feet, hands and "
        + "face: the first 17), 33 (MediaPipe)";

    private static readonly Dictionary<string, int> s_names = Names();

    // The neck, the middle of the hips and the feet are left out.
    private static readonly int[] s_openPose18 = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10];
    private static readonly int[] s_openPose25 = [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11];
    private static readonly int[] s_openPose15 = [-1, -1, -1, -1, -1, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10];
    private static readonly int[] s_mediaPipe33 = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];
    private static readonly int[] s_first17 = [.. Enumerable.Range(0, CocoSkeleton.KeypointCount)];

    /// <summary>For each of COCO's 17 key points its place among so many, -1 where there is none; null where the order of so many is not
    /// known.</summary>
    public static int[]? OfCount(int count) => count switch
    {
        17 or 23 or 26 or 133 or 135 or 136 => s_first17,
        18 => s_openPose18,
        25 => s_openPose25,
        15 => s_openPose15,
        33 => s_mediaPipe33,
        _ => null,
    };

    /// <summary>For each of COCO's 17 key points its place among key points of these names; null where the names tell neither shoulders nor
    /// hips.</summary>
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

    // "left_eye", "leftEye", "l_eye", "LEye".
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
