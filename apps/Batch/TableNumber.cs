using System.Globalization;

namespace Lwg.MLNet.Batch;

/// <summary>Numbers in the cells of tables, with a point or a comma before the decimals.</summary>
internal static class TableNumber
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>A number; false where the cell holds none.</summary>
    public static bool TryParse(string cell, out double value) =>
        double.TryParse(cell.Contains('.', StringComparison.Ordinal) ? cell
        : cell.Replace(',', '.'), Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>A whole number of at least 0, perhaps with decimals of zero, as spreadsheets write them.</summary>
    public static bool TryParseWhole(string cell, out int value)
    {
        bool whole = TryParse(cell, out double number) && number is >= 0 and <= int.MaxValue && number == Math.Truncate(number);
        value = whole ? (int)number : 0;
        return whole;
    }
}
