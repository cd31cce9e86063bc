using System.Net;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using StackExchange.Redis;

namespace Lwg.MLNet.Cluster;

/// <summary>The cluster and how to connect to it; the same for silos and clients.</summary>
internal sealed record ClusterPlace
{
    private const string Service = "lwg";

    /// <summary>The Redis connection string of StackExchange.Redis; null for none.</summary>
    public string? Redis { get; init; }

    /// <summary>The PostgreSQL connection string of Npgsql; null for none.</summary>
    public string? Postgres { get; init; }

    /// <summary>The cluster's name, if several share a Redis or PostgreSQL.</summary>
    public string Name { get; init; } = "lwg";

    /// <summary>Without Redis and PostgreSQL: the endpoint of the silo's gateway.</summary>
    public IPEndPoint Gateway { get; init; } = new(IPAddress.Loopback, EndpointOptions.DEFAULT_GATEWAY_PORT);

    /// <summary>How long a client waits for a silo to answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The TLS settings by which silos and clients authenticate each other; null for no TLS.</summary>
    public Tls? Tls { get; init; }

    /// <summary>Whether the state is in the files of a single silo.</summary>
    public bool IsEmbedded => Redis is null && Postgres is null;

    /// <summary>Configures clustering, grain state and reminders of a silo.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="state">The folder of the states if there is neither Redis nor PostgreSQL.</param>
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

    /// <summary>Configures the clustering of a client.</summary>
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

    // Waits for a Redis that is temporarily unavailable.
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
            throw new LwgException($"--redis is '{Redis}', which is not a connection string of StackExchange.Redis: {e.Message}", e);
        }
    }
}
