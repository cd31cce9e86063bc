namespace Lwg.MLNet.Transforms.Stages;

/// <summary>What a chain of stages gives each of them.</summary>
/// <param name="Name">The chain's method in the catalog, which errors name too: it is what the user wrote.</param>
/// <param name="StatusColumnNames">The statuses that tell which rows are left out.</param>
/// <param name="LeavesOutUnreadable">Whether rows whose picture is missing or cannot be read are left out.</param>
/// <param name="SkippedWithout">The column without which the chain adds nothing to data; null where it must be there.</param>
internal sealed record StageChain(string Name, IReadOnlyList<string> StatusColumnNames, bool LeavesOutUnreadable = false,
    string? SkippedWithout = null)
{
    public StageChain(string name) : this(name, []) { }
}
