namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>
/// Rotates the corners of each face so that no two faces share the edge from their first to their second corner: the condition map
/// identifies a face by the middle of that edge in the texture.
/// </summary>
internal static class CornerOrder
{
    /// <summary>Returns the number of places by which the corners of each face are rotated.</summary>
    public static int[] Choose(SculptedSurface surface)
    {
        // Faces are visited outwards from the first; each takes the edge through which it was reached. The first face keeps its first
        // edge, so no face is reached through that edge.
        var owner = new Dictionary<(int, int), int>();
        for (int i = 0; i < surface.Faces.Length; i++)
            owner[(surface.Faces[i], surface.Faces[Next(i)])] = i;
        int[] turns = new int[surface.FaceCount];
        Array.Fill(turns, -1);
        turns[0] = 0;
        var queue = new Queue<int>([0]);
        while (queue.TryDequeue(out int face))
        {
            for (int k = face == 0 ? 1 : 0; k < 3; k++)
            {
                int i = 3 * face + k;
                int across = owner[(surface.Faces[Next(i)], surface.Faces[i])];
                if (turns[across / 3] >= 0)
                    continue;
                turns[across / 3] = across % 3;
                queue.Enqueue(across / 3);
            }
        }
        return turns;
    }

    /// <summary>Rotates the corners of each face.</summary>
    public static int[] Apply(int[] faces, int[] turns)
    {
        int[] result = new int[faces.Length];
        for (int i = 0; i < faces.Length; i++)
            result[i] = faces[i / 3 * 3 + (i + turns[i / 3]) % 3];
        return result;
    }

    private static int Next(int corner) => corner / 3 * 3 + (corner + 1) % 3;
}
