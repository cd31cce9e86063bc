using System.Globalization;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>What a check found.</summary>
/// <param name="Choices">All convolutions that were asked for.</param>
/// <param name="Checked">How many were computed for it.</param>
/// <param name="Remembered">How many a file remembered.</param>
/// <param name="Time">How long it took.</param>
/// <param name="File">Where it is remembered; null where it is not, or nothing is new.</param>
/// <param name="Problem">Why it could not be written there; null where it was.</param>
internal sealed record ConvolutionReport(IReadOnlyList<ConvolutionChoice> Choices, int Checked, int Remembered, TimeSpan Time, string? File,
    string? Problem)
{
    private const int MostNamed = 12;

    /// <summary>The convolutions that no way computes right.</summary>
    public IReadOnlyList<ConvolutionChoice> Hopeless => [.. Choices.Where(c => c.Way is null)];

    /// <summary>What there is to tell, line by line.</summary>
    public IEnumerable<string> Lines
    {
        get
        {
            ConvolutionChoice[] other = [.. Choices.Where(c => c.Way is not null && c.Wrong.Length > 0)];
            string known = Remembered > 0 ? $", {Remembered} of an earlier check" : "";
            string kept = File is null ? "" : Problem is null ? $"; remembered in {File}"
                : $"; not remembered, since {File} cannot be written: {Problem}";
            string result = other.Length == 0 && Hopeless.Count == 0 ? "libtorch computes all of them right"
                : $"libtorch computes {other.Length + Hopeless.Count} of them wrong here";
            yield return string.Create(CultureInfo.InvariantCulture,
                $"Convolutions: {Choices.Count} ({Checked} checked now against float64 in {Time.TotalSeconds:0.0} s{known}{kept}); "
                + $"{result}.");
            foreach (ConvolutionChoice choice in other.Take(MostNamed))
                yield return $"  {choice.Shape}: {choice.Way!.Name} ({choice.Wrong})";
            if (other.Length > MostNamed)
                yield return $"  and {other.Length - MostNamed} more.";
        }
    }

    /// <summary>Refuses to train where a convolution has no right way.</summary>
    /// <exception cref="TrainingException">There is one.</exception>
    public void ThrowIfHopeless()
    {
        if (Hopeless.Count == 0)
            return;
        string more = Hopeless.Count > MostNamed ? $"; and {Hopeless.Count - MostNamed} more" : "";
        throw new TrainingException($"libtorch computes {Hopeless.Count} of the training's convolutions wrong on this machine in every "
            + $"way that there is, so that it cannot train here (bounds: {ConvolutionProbe.SingleBound} of the largest value in single "
            + $"precision, {ConvolutionProbe.TensorFloatBound} with TF32, {ConvolutionProbe.BfloatBound} in bfloat16): "
            + string.Join("; ", Hopeless.Take(MostNamed).Select(c => $"{c.Shape} ({c.Wrong})")) + more + ".");
    }
}
