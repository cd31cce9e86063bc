namespace Lwg.MLNet.Cli;

/// <summary>Compares the person's silhouette with the body in the pose.</summary>
internal static class Silhouette
{
    /// <summary>Computes the intersection over union of the result's person (mask below 0.5) and the drawn body.</summary>
    /// <param name="mask">[1,S,S]: 1 is background.</param>
    /// <param name="faceIndex">[S,S]: -1 is background.</param>
    public static float IntersectionOverUnion(ReadOnlySpan<float> mask, ReadOnlySpan<int> faceIndex)
    {
        int both = 0, either = 0;
        for (int i = 0; i < mask.Length; i++)
        {
            bool person = mask[i] < 0.5f, body = faceIndex[i] >= 0;
            both += person && body ? 1 : 0;
            either += person || body ? 1 : 0;
        }
        return either == 0 ? 1 : (float)both / either;
    }
}
