namespace Lwg.MLNet.Backgrounds;

/// <summary>
/// Adapts the fill of a hole to the colours around it: the difference at the hole's edge (of a shadow on the floor, for
/// example) fades out into the hole. Each difference is the median of those nearby, so that a strand of hair beside the hole has no
/// effect.
/// </summary>
internal static class EdgeMatch
{
    // As shares of S: how far differences along the edge count together, and how deep they reach into the hole.
    private const float Along = 1f / 32, Depth = 1f / 24;

    /// <summary>Changes the fill.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="hole">[S,S]: not 0 where the picture is filled.</param>
    /// <param name="size">S.</param>
    /// <param name="plate">The picture with its hole filled [3,S,S]; receives the result in the hole.</param>
    public static void Apply(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, Span<float> plate)
    {
        int n = size * size;
        int[] steps = [-1, 1, -size, size];
        List<int> inside = [], edge = [];
        float[] difference = new float[3 * n];
        bool[] isEdge = new bool[n];
        for (int i = 0; i < n; i++)
        {
            if (hole[i] == 0)
                continue;
            int known = 0;
            for (int d = 0; d < 4; d++)
            {
                int j = Neighbour(i, d, steps, size, n);
                if (j == i || hole[j] != 0)
                    continue;
                known++;
                for (int c = 0; c < 3; c++)
                    difference[c * n + i] += image[c * n + j] - plate[c * n + i];
            }
            (known > 0 ? edge : inside).Add(i);
            isEdge[i] = known > 0;
            for (int k = i; known > 0 && k < 3 * n; k += n)
                difference[k] /= known;
        }
        if (edge.Count == 0)
            return;
        float[] matched = Medians(difference, isEdge, edge, size);
        float weight = 1 / (Depth * size * Depth * size);
        // Relaxation reaches the depth in about so many rounds.
        for (int round = 0; round < 4 * Depth * size; round++)
        {
            foreach (int i in inside)
            {
                for (int c = 0; c < 3 * n; c += n)
                {
                    float sum = 0;
                    for (int d = 0; d < 4; d++)
                        sum += matched[c + Neighbour(i, d, steps, size, n)];
                    matched[c + i] = sum / (4 + weight);
                }
            }
        }
        foreach (List<int> pixels in (List<int>[])[edge, inside])
        {
            foreach (int i in pixels)
            {
                for (int k = i; k < 3 * n; k += n)
                    plate[k] = Math.Clamp(plate[k] + matched[k], -1, 1);
            }
        }
    }

    private static int Neighbour(int i, int direction, int[] steps, int size, int n)
    {
        int j = i + steps[direction];
        bool exists = direction switch { 0 => i % size > 0, 1 => i % size < size - 1, _ => (uint)j < (uint)n };
        return exists ? j : i;
    }

    private static float[] Medians(float[] difference, bool[] isEdge, List<int> edge, int size)
    {
        int n = size * size, reach = Math.Max((int)(Along * size), 1);
        float[] medians = new float[3 * n];
        var near = new List<int>();
        var values = new List<float>();
        foreach (int i in edge)
        {
            near.Clear();
            for (int y = Math.Max(i / size - reach, 0); y <= Math.Min(i / size + reach, size - 1); y++)
            {
                for (int x = Math.Max(i % size - reach, 0); x <= Math.Min(i % size + reach, size - 1); x++)
                {
                    if (isEdge[y * size + x])
                        near.Add(y * size + x);
                }
            }
            for (int c = 0; c < 3 * n; c += n)
            {
                values.Clear();
                foreach (int k in near)
                    values.Add(difference[c + k]);
                values.Sort();
                medians[c + i] = values[values.Count / 2];
            }
        }
        return medians;
    }
}
