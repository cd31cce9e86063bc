using System.Globalization;

namespace Lwg.MLNet.Batch;

/// <summary>One of several parts of a table. Rows that follow each other stay together, for most often they are about the same
/// photograph.</summary>
/// <param name="Number">Which part, 1 to <paramref name="Count"/>.</param>
/// <param name="Count">How many parts there are.</param>
internal sealed record Shard(int Number, int Count)
{
    /// <summary>Reads 'i/n'.</summary>
    /// <returns>The shard; null if the text says something else.</returns>
    public static Shard? Parse(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && number >= 1 && number <= count
            ? new Shard(number, count) : null;
    }

    /// <summary>The part's rows.</summary>
    /// <param name="rowCount">How many rows the whole table has.</param>
    public Range Of(int rowCount) => new((int)((long)rowCount * (Number - 1) / Count), (int)((long)rowCount * Number / Count));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");
}
