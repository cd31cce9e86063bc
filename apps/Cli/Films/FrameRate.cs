using System.Globalization;

namespace Lwg.MLNet.Cli;

/// <summary>Frames a second as a fraction, for example 30000/1001 for NTSC video.</summary>
/// <param name="Numerator">The numerator.</param>
/// <param name="Denominator">The denominator.</param>
internal readonly record struct FrameRate(int Numerator, int Denominator)
{
    private const int Largest = 1000, Thousandths = 1000;

    /// <summary>Frames a second.</summary>
    public double Value => (double)Numerator / Denominator;

    /// <summary>Returns the rate of a motion, rounded to a thousandth.</summary>
    public static FrameRate Of(float framesPerSecond) =>
        Reduced((long)Math.Max(1, Math.Round(framesPerSecond * (double)Thousandths)), Thousandths);

    /// <summary>Parses "25", "29.97" or "30000/1001"; null for other texts, and for rates of 0 or above 1000.</summary>
    public static FrameRate? Parse(string? text)
    {
        string[] parts = (text ?? "").Split('/');
        if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int above)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int below)
            && above > 0 && below > 0 && (double)above / below <= Largest)
            return Reduced(above, below);
        if (parts.Length == 1 && float.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out float number)
            && number is >= 1f / Thousandths and <= Largest)
            return Of(number);
        return null;
    }

    /// <summary>Returns the rate in the syntax of ffmpeg.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");

    /// <summary>Reduces a fraction of two positive numbers.</summary>
    public static FrameRate Reduced(long above, long below)
    {
        long divisor = (long)System.Numerics.BigInteger.GreatestCommonDivisor(above, below);
        return new((int)(above / divisor), (int)(below / divisor));
    }
}
