namespace Lwg.MLNet.Cluster;

/// <summary>The machine's clock, put on or back.</summary>
/// <param name="shift">By how much.</param>
internal sealed class ShiftedTime(TimeSpan shift) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
}
