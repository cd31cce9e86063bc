namespace Lwg.MLNet.Cluster;

/// <summary>The machine's clock, shifted by a constant.</summary>
/// <param name="shift">The shift.</param>
internal sealed class ShiftedTime(TimeSpan shift) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
}
