using System.Net;

namespace Lwg.MLNet.Cluster;

/// <summary>The settings of a silo.</summary>
internal sealed record SiloSettings
{
    public required ClusterPlace Place { get; init; }

    /// <summary>The store: a folder, or <c>s3://bucket/prefix</c>.</summary>
    public required string Store { get; init; }

    /// <summary>The folder of the state if there is neither Redis nor PostgreSQL.</summary>
    public string State { get => field ?? (Stores.IsS3(Store) ? "cluster-state" : Path.Combine(Store, "state")); init; }

    /// <summary>The silo's name; null for one that Orleans chooses.</summary>
    public string? Name { get; init; }

    /// <summary>The address on which silo and gateway listen and which is reported to others.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    public int SiloPort { get; init; } = 11111;

    public int GatewayPort { get; init; } = 30000;

    /// <summary>The endpoint of the health checks and the optional dashboard.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 8088);

    /// <summary>Whether Kubernetes provides the silo's name and address.</summary>
    public bool Kubernetes { get; init; }

    /// <summary>Whether Orleans's dashboard is served.</summary>
    public bool Dashboard { get; init; }

    /// <summary>The OTLP target of metrics and traces; null for none.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>Whether the log is JSON.</summary>
    public bool JsonLogs { get; init; }

    /// <summary>The number of ranges that are processed at a time; 0 to adapt it to the measured load.</summary>
    public int Places { get; init; }

    /// <summary>The maximum number of rows a second; 0 for no limit.</summary>
    public double RowsPerSecond { get; init; }

    /// <summary>The period of a job's reminder, which restarts a job whose silos have all died.</summary>
    public TimeSpan ReminderPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The time without an answer after which a silo is queried about its range.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long silos wait for each other's answers; after three missing answers in a row a silo counts as dead.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo that shuts down may take for its current rows.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How far the clock is ahead of the machine's, for tests.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary>The sleep time of a worker that replaces the models, for tests; null for the models.</summary>
    public TimeSpan? Sleep { get; init; }
}
