using System.Text.Json.Serialization;

namespace Lwg.MLNet.Networks;

/// <summary>The range of the values that a convolution reads and writes, which 8 bits must represent
/// (<see cref="NetworkPrecision.Quantized"/>).</summary>
/// <param name="InputLow">The smallest input value, at most 0; over several pictures, the mean of their minima.</param>
/// <param name="InputHigh">The largest input value, at least 0.</param>
/// <param name="OutputLow">The smallest output value, at most 0.</param>
/// <param name="OutputHigh">The largest output value, at least 0.</param>
internal sealed record ActivationRange(float InputLow, float InputHigh, float OutputLow, float OutputHigh)
{
    /// <summary>Whether its values are finite and have the right sign.</summary>
    [JsonIgnore]
    public bool IsValid => InputLow <= 0 && InputHigh >= 0 && OutputLow <= 0 && OutputHigh >= 0
        && float.IsFinite(InputLow) && float.IsFinite(InputHigh) && float.IsFinite(OutputLow) && float.IsFinite(OutputHigh);
}
