using System.Net;

namespace Lwg.MLNet.Cluster;

/// <summary>How a silo works and where it listens.</summary>
internal sealed record SiloSettings
{
    public required ClusterPlace Place { get; init; }

    /// <summary>The store: a folder, or <c>s3://bucket/prefix</c>.</summary>
    public required string Store { get; init; }

    /// <summary>The folder of the state where there is neither Redis nor PostgreSQL.</summary>
    public string State { get => field ?? (Stores.IsS3(Store) ? "cluster-state" : Path.Combine(Store, "state")); init; }

    /// <summary>The silo's name; null for one of Orleans's.</summary>
    public string? Name { get; init; }

    /// <summary>The address on which silo and gateway listen and which others are told.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    public int SiloPort { get; init; } = 11111;

    public int GatewayPort { get; init; } = 30000;

    /// <summary>Where health, and by option the dashboard, are.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 8088);

    /// <summary>Whether Kubernetes says who the silo is.</summary>
    public bool Kubernetes { get; init; }

    /// <summary>Whether Orleans's dashboard is there.</summary>
    public bool Dashboard { get; init; }

    /// <summary>Where measurements and traces go by OTLP; null for nowhere.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>Whether the log is JSON.</summary>
    public bool JsonLogs { get; init; }

    /// <summary>How many ranges are worked on at a time; 0 for what is measured to be good.</summary>
    public int Places { get; init; }

    /// <summary>How many rows a second the silo takes at most; 0 for no limit.</summary>
    public double RowsPerSecond { get; init; }

    /// <summary>How often a job's reminder is due; it restarts a job whose silos have all died.</summary>
    public TimeSpan ReminderPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After how much silence a silo is asked how far its range is.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long silos wait for each other's answers before they think of death; three in a row count.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo that is to go may take for the rows at hand.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How far the clock is ahead of the machine's.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary>A worker that only sleeps so long stands for the models; null for the models.</summary>
    public TimeSpan? Sleep { get; init; }
}
