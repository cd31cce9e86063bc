namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The information of a chain for its stages.</summary>
/// <param name="Name">The method of the chain in the catalog; errors name it because users call it.</param>
/// <param name="StatusColumnNames">The status columns that determine which rows are skipped.</param>
/// <param name="LeavesOutUnreadable">Whether rows whose picture is missing or cannot be read are skipped.</param>
/// <param name="SkippedWithout">A column without which the chain passes data through unchanged; null if the column is required.</param>
internal sealed record StageChain(string Name, IReadOnlyList<string> StatusColumnNames, bool LeavesOutUnreadable = false,
    string? SkippedWithout = null)
{
    public StageChain(string name) : this(name, []) { }
}
