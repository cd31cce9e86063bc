using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A random generator with the same results on every platform (SplitMix64, Steele, Lea and Flood 2014).</summary>
internal struct Dice(ulong seed)
{
    // The seed is mixed, so that neighbouring seeds do not give overlapping sequences.
    private ulong _state = Mix(Mix(seed + 0x632BE59BD9B4E019) ^ 0xD1B54A32D192ED03);

    /// <summary>Returns a value from 0 (inclusive) to 1 (exclusive).</summary>
    public float Share() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>Returns a uniform value between two bounds.</summary>
    public float Between(float low, float high) => low + Share() * (high - low);

    /// <summary>Returns true with a probability.</summary>
    public bool Chance(float probability) => Share() < probability;

    /// <summary>Returns an integer from 0 to n - 1.</summary>
    public int Below(int n) => (int)(Share() * n);

    /// <summary>Returns one of several values.</summary>
    public T Of<T>(params ReadOnlySpan<T> values) => values[Below(values.Length)];

    /// <summary>Returns an approximately normal value with mean 0 and deviation 1, within +-3.46 (a sum of twelve).</summary>
    public float Normal()
    {
        float sum = -6;
        for (int i = 0; i < 12; i++)
            sum += Share();
        return Math.Clamp(sum, -3.46f, 3.46f);
    }

    /// <summary>Converts hue (turns), saturation and brightness to a linear colour.</summary>
    public static Vector3 Hsv(float hue, float saturation, float brightness)
    {
        Vector3 Channel(float shift)
        {
            float t = MathF.Abs((hue + shift) % 1 * 6 - 3) - 1;
            return new Vector3(Math.Clamp(t, 0, 1));
        }
        var pure = new Vector3(Channel(1).X, Channel(2 / 3f + 1).X, Channel(1 / 3f + 1).X);
        Vector3 s = (Vector3.Lerp(Vector3.One, pure, saturation) * brightness);
        return new Vector3(MathF.Pow(s.X, 2.2f), MathF.Pow(s.Y, 2.2f), MathF.Pow(s.Z, 2.2f));
    }

    private ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
