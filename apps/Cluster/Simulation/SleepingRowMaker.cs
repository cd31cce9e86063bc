using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>Replaces the models in simulations: sleeps, then returns a fixed picture.</summary>
internal sealed class SleepingRowMaker(TimeSpan sleep) : IRowMaker
{
    /// <summary>The identity of the jobs that it processes.</summary>
    public const string Identity = "simulation";

    private static readonly byte[] s_picture = [1, 2, 3, 4];

    private static readonly string s_hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(s_picture));

    // Accepts only jobs of simulations, so that its results never replace real ones.
    public Task<string> IdentityAsync(JobFile job) => Task.FromResult(Identity);

    public async Task<MadeRow> MakeAsync(JobFile job, RowLine row)
    {
        await Task.Delay(sleep);
        return new MadeRow(new ResultRow { Id = row.Request.Id, Picture = $"{BatchRun.PicturesName}/{row.Request.Id}.png",
            PictureSha256 = s_hash }, s_picture, TimeSpan.Zero, sleep);
    }
}
