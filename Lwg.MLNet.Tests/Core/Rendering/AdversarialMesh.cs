namespace Lwg.MLNet.Tests.Rendering;

/// <summary>Creates seeded random meshes that are difficult for a rasteriser, one kind each.</summary>
internal static class AdversarialMesh
{
    public static readonly string[] Kinds =
    [
        "small", "any", "huge", "beyond", "tiny", "denormal", "needle", "sliver", "through centres", "almost through centres",
        "on the grid",
        "coincident", "axis", "ties", "shared edges", "depths", "overflowing", "not finite",
    ];

    /// <summary>Creates a mesh.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="size">S of the picture in which it is drawn: some kinds put corners on its pixel centres.</param>
    /// <param name="seed">The same seed gives the same mesh.</param>
    public static (float[] Points, int[] Faces) Make(string kind, int size, int seed)
    {
        var random = new Random(seed * 7919 + size * 31 + Array.IndexOf(Kinds, kind));
        if (kind == "shared edges")
            return Lattice(random, size);
        const int Count = 24;
        var points = new float[9 * Count];
        for (int f = 0; f < Count; f++)
        {
            Span<float> t = points.AsSpan(9 * f, 9);
            Corners(kind, size, random, points).CopyTo(t);
            // Half of all faces point away; most of those are reversed, so that they are drawn.
            bool away = (t[7] - t[1]) * (t[3] - t[0]) < (t[4] - t[1]) * (t[6] - t[0]);
            if (away && random.Next(8) > 0)
            {
                for (int c = 0; c < 3; c++)
                    (t[3 + c], t[6 + c]) = (t[6 + c], t[3 + c]);
            }
        }
        return (points, [.. Enumerable.Range(0, 3 * Count)]);
    }

    private static float[] Corners(string kind, int size, Random random, float[] others)
    {
        var t = new float[9];
        float cx = Between(-1.1, 1.1), cy = Between(-1.1, 1.1);
        for (int k = 0; k < 3; k++)
            (t[3 * k], t[3 * k + 1], t[3 * k + 2]) = (Between(-1.2, 1.2), Between(-1.2, 1.2), Between(2, 4));
        switch (kind)
        {
            case "small":
                Around(cx, cy, 4.0 / size);
                break;
            case "huge":
                Around(cx, cy, Math.Pow(10, random.NextDouble() * 4));
                break;
            case "beyond":
                Around(cx + random.Next(-3, 4), cy + random.Next(-3, 4), 1);
                break;
            case "tiny":
                Around(Centre(), Centre(), Math.Pow(10, -1 - random.NextDouble() * 9));
                break;
            case "denormal":
                Around(0, 0, Math.Pow(10, -10 - random.NextDouble() * 35));
                break;
            case "needle":
                // Two corners close together, the third far away.
                Around(cx, cy, Math.Pow(10, -random.NextDouble() * 8));
                (t[6], t[7]) = (Between(-3, 3), Between(-3, 3));
                break;
            case "sliver":
                {
                    // Three corners on a line, then moved off it by up to a pixel.
                    double angle = random.NextDouble() * Math.Tau, length = Math.Pow(10, random.NextDouble() * 3 - 2),
                        off = random.Next(3) == 0 ? 0 : Math.Pow(10, -random.NextDouble() * 9);
                    for (int k = 0; k < 3; k++)
                    {
                        double along = (random.NextDouble() - 0.5) * length, aside = (random.NextDouble() - 0.5) * off;
                        t[3 * k] = (float)(cx + along * Math.Cos(angle) - aside * Math.Sin(angle));
                        t[3 * k + 1] = (float)(cy + along * Math.Sin(angle) + aside * Math.Cos(angle));
                    }
                    break;
                }
            case "through centres":
            case "almost through centres":
                {
                    // A line through two pixel centres, in whole pixel steps, that just misses the picture's edges.
                    int i = random.Next(size), j = random.Next(size), di = random.Next(-3, 4), dj = random.Next(-3, 4);
                    for (int k = 0; k < 3; k++)
                    {
                        int step = random.Next(-4, 5);
                        (t[3 * k], t[3 * k + 1]) = (AtCentre(i + step * di), AtCentre(j + step * dj));
                        for (int c = 0; kind != "through centres" && c < 2; c++)
                            t[3 * k + c] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(t[3 * k + c])
                                + (random.Next(-2, 3) << random.Next(9)));

                    }
                    break;
                }
            case "on the grid":
                for (int k = 0; k < 3; k++)
                    (t[3 * k], t[3 * k + 1]) = (Centre(), Centre());
                break;
            case "coincident":
                (t[3], t[4]) = (t[0], t[1]);
                if (random.Next(2) == 0)
                    (t[6], t[7]) = (t[0], t[1]);
                else if (random.Next(2) == 0)
                    (t[0], t[1], t[3], t[4], t[6], t[7]) = (Centre(), cy, t[0], cy, Centre(), cy);
                break;
            case "axis":
                for (int k = 0, axis = random.Next(2); k < 3; k++)
                    t[3 * k + axis] = random.Next(2) == 0 ? Centre() : AtCentre(random.Next(3));
                break;
            case "ties":
                for (int k = 0; k < 3; k++)
                    t[3 * k + 2] = 2.5f;
                if (random.Next(3) == 0)
                    others.AsSpan(9 * random.Next(4), 9).CopyTo(t);
                break;
            case "depths":
                for (int k = 0; k < 3; k++)
                    t[3 * k + 2] = random.Next(8) switch { 0 => 0, 1 => -0f, 2 => Between(-1, 1), 3 => 0.1f, 4 => 100, 5 =>
                        Between(90, 110), 6 => Between(0.05, 0.15), _ => Between(-3, 3) };
                break;
            case "overflowing":
                for (int k = 0; k < 9; k++)
                    t[k] = random.Next(3) == 0 ? t[k] : (float)(Between(-1, 1) * Math.Pow(10, random.NextDouble() * 38));
                break;
            case "not finite":
                if (random.Next(3) > 0)
                    t[random.Next(9)] = random.Next(3) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => float.NegativeInfinity };
                break;
        }
        return t;

        float Between(double low, double high) => (float)(low + (high - low) * random.NextDouble());

        float AtCentre(int i) => (2 * i + 1 - size) / (float)size;

        float Centre() => AtCentre(random.Next(-1, size + 1));

        void Around(double x, double y, double reach)
        {
            for (int k = 0; k < 3; k++)
                (t[3 * k], t[3 * k + 1]) = ((float)(x + (random.NextDouble() - 0.5) * reach),
                    (float)(y + (random.NextDouble() - 0.5) * reach));
        }
    }

    /// <summary>Creates a crumpled sheet: neighbours share edges, and folds overlap.</summary>
    private static (float[] Points, int[] Faces) Lattice(Random random, int size)
    {
        const int N = 5;
        var points = new float[3 * N * N];
        float step = 2.2f / (N - 1), shake = random.Next(3) * 0.5f * step;
        bool snap = random.Next(2) == 0;
        for (int v = 0; v < N * N; v++)
        {
            for (int c = 0; c < 2; c++)
            {
                float at = (c == 0 ? v % N : v / N) * step - 1.1f + shake * (random.NextSingle() - 0.5f);
                points[3 * v + c] = snap ? (2 * MathF.Round((at * size + size - 1) / 2) + 1 - size) / size : at;
            }
            points[3 * v + 2] = 3 + (shake > 0 ? random.NextSingle() : 0);
        }
        var faces = new List<int>();
        for (int y = 0; y + 1 < N; y++)
        {
            for (int x = 0; x + 1 < N; x++)
            {
                int v = y * N + x;
                faces.AddRange([v, v + 1, v + N, v + 1, v + N + 1, v + N]);
            }
        }
        return (points, [.. faces]);
    }
}
