using System.Globalization;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>The result of a check.</summary>
/// <param name="Choices">All requested convolutions.</param>
/// <param name="Checked">The number of convolutions that were computed for the check.</param>
/// <param name="Remembered">The number of convolutions that were read from the cache file.</param>
/// <param name="Time">The duration.</param>
/// <param name="File">The cache file; null if there is none, or nothing is new.</param>
/// <param name="Problem">Why the cache file could not be written; null if it was.</param>
internal sealed record ConvolutionReport(IReadOnlyList<ConvolutionChoice> Choices, int Checked, int Remembered, TimeSpan Time, string? File,
    string? Problem)
{
    private const int MostNamed = 12;

    /// <summary>The convolutions without a correct implementation.</summary>
    public IReadOnlyList<ConvolutionChoice> Hopeless => [.. Choices.Where(c => c.Way is null)];

    /// <summary>The lines of the report.</summary>
    public IEnumerable<string> Lines
    {
        get
        {
            ConvolutionChoice[] other = [.. Choices.Where(c => c.Way is not null && c.Wrong.Length > 0)];
            string known = Remembered > 0 ? $", {Remembered} from an earlier check" : "";
            string kept = File is null ? "" : Problem is null ? $"; saved in {File}"
                : $"; not saved, since {File} cannot be written: {Problem}";
            string result = other.Length == 0 && Hopeless.Count == 0 ? "libtorch computes all of them correctly"
                : $"libtorch computes {other.Length + Hopeless.Count} of them incorrectly here";
            yield return string.Create(CultureInfo.InvariantCulture,
                $"Convolutions: {Choices.Count} ({Checked} checked now against float64 in {Time.TotalSeconds:0.0} s{known}{kept}); "
                + $"{result}.");
            foreach (ConvolutionChoice choice in other.Take(MostNamed))
                yield return $"  {choice.Shape}: {choice.Way!.Name} ({choice.Wrong})";
            if (other.Length > MostNamed)
                yield return $"  and {other.Length - MostNamed} more.";
        }
    }

    /// <summary>Throws if a convolution has no correct implementation.</summary>
    /// <exception cref="TrainingException">No implementation of a convolution is correct.</exception>
    public void ThrowIfHopeless()
    {
        if (Hopeless.Count == 0)
            return;
        string more = Hopeless.Count > MostNamed ? $"; and {Hopeless.Count - MostNamed} more" : "";
        throw new TrainingException($"libtorch computes {Hopeless.Count} of the training's convolutions incorrectly on this machine "
            + $"with every available method, so it cannot train here (bounds: {ConvolutionProbe.SingleBound} of the largest value in "
            + $"single precision, {ConvolutionProbe.TensorFloatBound} with TF32, {ConvolutionProbe.BfloatBound} in bfloat16): "
            + string.Join("; ", Hopeless.Take(MostNamed).Select(c => $"{c.Shape} ({c.Wrong})")) + more + ".");
    }
}
