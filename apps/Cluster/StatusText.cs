namespace Lwg.MLNet.Cluster;

/// <summary>Writes the status of a job.</summary>
internal static class StatusText
{
    public static void Write(TextWriter output, string job, JobStatus status)
    {
        if (status.Phase == JobPhase.Unknown)
            throw new LwgException($"The cluster has no job '{job}'.");
        RowCounts counts = status.Counts;
        output.WriteLine($"{job}: {status.Phase.ToString().ToLowerInvariant()}, {counts.Rows + status.RowsAtWork} of {status.Rows} rows "
            + $"done ({counts.Made} made, {counts.Refused} refused, {counts.Failed} failed; {counts.Kept} kept from earlier, "
            + $"{counts.Retries} retries, {status.RangesLost} ranges lost and processed again)");
        foreach (string silo in status.Silos)
            output.WriteLine($"  {silo}");
        foreach (string sentence in status.RefusedSilos.Concat(status.Failures))
            output.WriteLine($"  {sentence}");
        if (status.Trouble.Length > 0)
            output.WriteLine($"  It waits: {status.Trouble}");
    }
}
