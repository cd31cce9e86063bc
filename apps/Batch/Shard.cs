using System.Globalization;

namespace Lwg.MLNet.Batch;

/// <summary>One of several parts of a table. Consecutive rows stay together, because most of them use the same photograph.</summary>
/// <param name="Number">The number of the part, 1 to <paramref name="Count"/>.</param>
/// <param name="Count">The number of parts.</param>
internal sealed record Shard(int Number, int Count)
{
    /// <summary>Parses 'i/n'.</summary>
    /// <returns>The shard; null for any other text.</returns>
    public static Shard? Parse(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && number >= 1 && number <= count
            ? new Shard(number, count) : null;
    }

    /// <summary>Returns the rows of the part.</summary>
    /// <param name="rowCount">The number of rows of the whole table.</param>
    public Range Of(int rowCount) => new((int)((long)rowCount * (Number - 1) / Count), (int)((long)rowCount * Number / Count));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");
}
