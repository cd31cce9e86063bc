using System.Net;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using StackExchange.Redis;

namespace Lwg.MLNet.Cluster;

/// <summary>Which cluster is meant, and how one comes to it; the same for silos and clients.</summary>
internal sealed record ClusterPlace
{
    private const string Service = "lwg";

    /// <summary>Redis, as StackExchange.Redis's connection strings have it; null for none.</summary>
    public string? Redis { get; init; }

    /// <summary>PostgreSQL, as Npgsql's connection strings have it; null for none.</summary>
    public string? Postgres { get; init; }

    /// <summary>The cluster's name, where several share a Redis or PostgreSQL.</summary>
    public string Name { get; init; } = "lwg";

    /// <summary>With neither: where the silo's gateway is.</summary>
    public IPEndPoint Gateway { get; init; } = new(IPAddress.Loopback, EndpointOptions.DEFAULT_GATEWAY_PORT);

    /// <summary>How long a client waits until a silo answers.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How silos and clients know each other; null for not at all.</summary>
    public Tls? Tls { get; init; }

    /// <summary>Whether the state is in files of one silo.</summary>
    public bool IsEmbedded => Redis is null && Postgres is null;

    /// <summary>Lets a silo find its cluster, and keep states and reminders there.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="state">The folder of the states where there is nothing else.</param>
    public void Configure(ISiloBuilder silo, string state)
    {
        silo.Configure<ClusterOptions>(Id);
        if (Redis is not null)
        {
            silo.UseRedisClustering(o => o.ConfigurationOptions = RedisOptions());
            silo.AddRedisGrainStorageAsDefault(o => o.ConfigurationOptions = RedisOptions());
            silo.UseRedisReminderService(o => o.ConfigurationOptions = RedisOptions());
        }
        else if (Postgres is not null)
        {
            silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (PostgresSchema.Invariant, Postgres));
            silo.AddAdoNetGrainStorageAsDefault(o => (o.Invariant, o.ConnectionString) = (PostgresSchema.Invariant, Postgres));
            silo.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (PostgresSchema.Invariant, Postgres));
        }
        else
        {
            silo.UseDevelopmentClustering(primarySiloEndpoint: null);
            silo.AddReminders();
            silo.Services.AddSingleton(_ => new StateFolder(state));
            silo.Services.AddGrainStorage("Default", (services, _) => new FileGrainStorage(services.GetRequiredService<StateFolder>()));
            silo.Services.AddSingleton<IReminderTable, FileReminderTable>();
        }
        if (Tls is not null)
            silo.UseTls(Tls.Configure);
    }

    /// <summary>Lets a client find the cluster.</summary>
    public void Configure(IClientBuilder client)
    {
        client.Configure<ClusterOptions>(Id);
        if (Redis is not null)
            client.UseRedisClustering(o => o.ConfigurationOptions = RedisOptions());
        else if (Postgres is not null)
            client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (PostgresSchema.Invariant, Postgres));
        else
            client.UseStaticClustering(Gateway);
        if (Tls is not null)
            client.UseTls(Tls.Configure);
    }

    private void Id(ClusterOptions options) => (options.ClusterId, options.ServiceId) = (Name, Service);

    // A Redis that is away for a while is waited for.
    private ConfigurationOptions RedisOptions()
    {
        try
        {
            var options = ConfigurationOptions.Parse(Redis!);
            options.AbortOnConnectFail = false;
            return options;
        }
        catch (ArgumentException e)
        {
            throw new LwgException($"--redis is '{Redis}', which is no connection string of StackExchange.Redis: {e.Message}", e);
        }
    }
}
