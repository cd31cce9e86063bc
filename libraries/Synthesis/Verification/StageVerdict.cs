namespace Lwg.MLNet.Synthesis.Verification;

/// <summary>How far a tensor that was computed anew is from the dumped one.</summary>
/// <param name="Tensor">The tensor's name.</param>
/// <param name="Largest">The largest difference.</param>
/// <param name="Mean">The mean difference.</param>
/// <param name="Tolerance">The difference that an element may have.</param>
/// <param name="OutsideShare">The share of elements that differ by more.</param>
/// <param name="AllowedShare">The share that may.</param>
internal sealed record TensorDifference(string Tensor, double Largest, double Mean, double Tolerance, double OutsideShare,
    double AllowedShare)
{
    /// <summary>Whether the tensors agree.</summary>
    public bool Agrees => OutsideShare <= AllowedShare;
}

/// <summary>What came of one stage.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="Differences">The differences of what it makes; empty where it was not checked.</param>
/// <param name="Missing">What it would have needed to be checked; null where it was.</param>
/// <param name="Hint">Where it differs: the setting with which it would agree, if there is one.</param>
internal sealed record StageVerdict(string Stage, IReadOnlyList<TensorDifference> Differences, string? Missing = null, string? Hint = null)
{
    /// <summary>Whether it was checked.</summary>
    public bool Checked => Missing is null;

    /// <summary>Whether all that it makes agrees; true where it was not checked.</summary>
    public bool Agrees => Differences.All(d => d.Agrees);
}
