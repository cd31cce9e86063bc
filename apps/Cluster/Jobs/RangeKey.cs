using System.Globalization;

namespace Lwg.MLNet.Cluster;

/// <summary>Formats and parses the key of a range's grain.</summary>
internal static class RangeKey
{
    public static string Of(string job, int range, int attempt) => string.Create(CultureInfo.InvariantCulture, $"{job}/{range}/{attempt}");

    public static (string Job, int Range, int Attempt) Parse(string key)
    {
        string[] parts = key.Split('/');
        return (parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
