using System.Globalization;

namespace Lwg.MLNet.Batch;

/// <summary>Parses numbers in table cells, with a point or a comma as the decimal separator.</summary>
internal static class TableNumber
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Parses a finite number; false if the cell contains none.</summary>
    public static bool TryParse(string cell, out double value) =>
        double.TryParse(cell.Contains('.', StringComparison.Ordinal) ? cell
        : cell.Replace(',', '.'), Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>Parses a whole number of at least 0. Zero decimals are allowed, because spreadsheets write them.</summary>
    public static bool TryParseWhole(string cell, out int value)
    {
        bool whole = TryParse(cell, out double number) && number is >= 0 and <= int.MaxValue && number == Math.Truncate(number);
        value = whole ? (int)number : 0;
        return whole;
    }
}
