using System.Text.Json.Serialization;

namespace Lwg.MLNet.Networks;

/// <summary>Between which values a convolution read and made over some pictures: what 8 bits have to hold
/// (<see cref="NetworkPrecision.Quantized"/>).</summary>
/// <param name="InputLow">The smallest value that it read, at most 0; over several pictures, the mean of what each had.</param>
/// <param name="InputHigh">The largest value that it read, at least 0.</param>
/// <param name="OutputLow">The smallest value that it made, at most 0.</param>
/// <param name="OutputHigh">The largest value that it made, at least 0.</param>
internal sealed record ActivationRange(float InputLow, float InputHigh, float OutputLow, float OutputHigh)
{
    /// <summary>Whether its numbers are finite and on their sides of 0.</summary>
    [JsonIgnore]
    public bool IsValid => InputLow <= 0 && InputHigh >= 0 && OutputLow <= 0 && OutputHigh >= 0
        && float.IsFinite(InputLow) && float.IsFinite(InputHigh) && float.IsFinite(OutputLow) && float.IsFinite(OutputHigh);
}
