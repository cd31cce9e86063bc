namespace Lwg.MLNet.Tests.Fuzzing;

/// <summary>Damages bytes at random: flipped bits, extreme values, and pieces that are inserted, removed, cut off, repeated, or copied
/// from elsewhere.</summary>
internal static class Mutation
{
    private const int MostRepeated = 1 << 17;

    public static byte[] Of(byte[] bytes, byte[] other, Random random)
    {
        for (int n = random.Next(1, 5); n > 0; n--)
            bytes = Once(bytes, other, random);
        return bytes;
    }

    private static byte[] Once(byte[] bytes, byte[] other, Random random)
    {
        int at = Place(bytes, random);
        switch (random.Next(8))
        {
            case 0:
                byte[] turned = [.. bytes];
                if (turned.Length > 0)
                    turned[at] ^= (byte)(1 << random.Next(8));
                return turned;
            case 1:
                byte[] set = [.. bytes];
                set.AsSpan(at, Math.Min(random.Next(1, 9), set.Length - at)).Fill((byte)random.Next(256));
                return set;
            case 2:
                byte[] ends = [.. bytes];
                byte[] number = ((byte[][])[[255, 255, 255, 255], [255, 255, 255, 127], [0, 0, 0, 0], [0, 0, 0, 128],
                    [0, 0, 128, 127]])[random.Next(5)];
                number.AsSpan(0, Math.Min(4, ends.Length - at)).CopyTo(ends.AsSpan(at));
                return ends;
            case 3:
                byte[] piece = new byte[random.Next(1, 17)];
                random.NextBytes(piece);
                return [.. bytes.AsSpan(0, at), .. piece, .. bytes.AsSpan(at)];
            case 4:
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Min(bytes.Length, at + random.Next(1, 33)))];
            case 5:
                return random.Next(3) == 0 ? bytes[..at] : [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Max(0, at - random.Next(1, 65)))];
            case 6:
                // Small costs add up when a piece is repeated thousands of times.
                int length = Math.Min(random.Next(1, 65), bytes.Length - at), times = random.Next(2, 1 << random.Next(2, 13));
                byte[] repeated = [.. Enumerable.Repeat(bytes[at..(at + length)], Math.Min(times, MostRepeated / Math.Max(1, length)))
                    .SelectMany(p => p)];
                return [.. bytes.AsSpan(0, at), .. repeated, .. bytes.AsSpan(at + length)];
            default:
                int from = Place(other, random), to = Math.Min(other.Length, from + random.Next(1, 257));
                return [.. bytes.AsSpan(0, at), .. other.AsSpan(from, to - from),
                    .. bytes.AsSpan(Math.Min(bytes.Length, at + random.Next(257)))];
        }
    }

    // Half of the positions are anywhere, half near an end, where headers and directories are.
    private static int Place(byte[] bytes, Random random) => random.Next(4) switch
    {
        0 => random.Next(Math.Min(bytes.Length, 1500) + 1) is var start && start == bytes.Length ? Math.Max(0, start - 1) : start,
        1 => Math.Max(0, bytes.Length - 1 - random.Next(1500)),
        _ => bytes.Length == 0 ? 0 : random.Next(bytes.Length),
    };
}
