namespace Lwg.MLNet.Synthesis.Verification;

/// <summary>The difference between a recomputed tensor and the dumped one.</summary>
/// <param name="Tensor">The tensor's name.</param>
/// <param name="Largest">The largest difference.</param>
/// <param name="Mean">The mean difference.</param>
/// <param name="Tolerance">The difference allowed for an element.</param>
/// <param name="OutsideShare">The share of elements that exceed the tolerance.</param>
/// <param name="AllowedShare">The share of elements that may exceed the tolerance.</param>
internal sealed record TensorDifference(string Tensor, double Largest, double Mean, double Tolerance, double OutsideShare,
    double AllowedShare)
{
    /// <summary>Whether the tensors agree.</summary>
    public bool Agrees => OutsideShare <= AllowedShare;
}

/// <summary>The result of one stage.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="Differences">The differences of its outputs; empty if it was not checked.</param>
/// <param name="Missing">What is missing for a check; null if it was checked.</param>
/// <param name="Hint">For a stage that differs, the setting with which it agrees, if there is one.</param>
internal sealed record StageVerdict(string Stage, IReadOnlyList<TensorDifference> Differences, string? Missing = null, string? Hint = null)
{
    /// <summary>Whether it was checked.</summary>
    public bool Checked => Missing is null;

    /// <summary>Whether all outputs agree; true if it was not checked.</summary>
    public bool Agrees => Differences.All(d => d.Agrees);
}
