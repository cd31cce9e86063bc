using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace Lwg.MLNet.Cluster;

/// <summary>The options that select the cluster, the same for silos and clients.</summary>
internal static class PlaceOptions
{
    private static readonly Option<string?> s_redis =
        new("--redis") { Description = "The Redis of the cluster, as a connection string of StackExchange.Redis, for "
        + "example 'localhost:6379'.", HelpName = "connection" };
    private static readonly Option<string?> s_postgres =
        new("--postgres") { Description =
        "The PostgreSQL of the cluster, as a connection string of Npgsql; 'schema' creates its tables.",
        HelpName = "connection" };
    private static readonly Option<string> s_name =
        new("--cluster") { Description = "The cluster's name, if several share a Redis or PostgreSQL.", HelpName = "name",
        DefaultValueFactory = _ => "lwg" };
    private static readonly Option<string> s_gateway =
        new("--gateway") { Description = "Without both: the address of the silo for clients.", HelpName = "address:port",
        DefaultValueFactory = _ => "127.0.0.1:30000" };
    private static readonly Option<string?> s_certificate =
        new("--tls-certificate") { Description =
        "The certificate of this silo or client with its key, PEM or PKCS#12; connections then use TLS, within the same authority "
        + "only.", HelpName = "file" };
    private static readonly Option<string?> s_authority =
        new("--tls-authority") { Description = "The certificate of the authority that issued the certificates of all silos and clients.",
        HelpName = "file" };

    private static readonly Option<double> s_patience =
        new("--patience-seconds") { Description = "How long a client waits for a silo to answer.", HelpName = "seconds",
        DefaultValueFactory = _ => 20 };

    public static void AddTo(Command command)
    {
        foreach (Option option in (Option[])[s_redis, s_postgres, s_name, s_gateway, s_certificate, s_authority, s_patience])
            command.Options.Add(option);
        command.Validators.Add(Validate);
    }

    public static ClusterPlace Place(ParseResult parsed) => new()
    {
        Redis = parsed.GetValue(s_redis),
        Postgres = parsed.GetValue(s_postgres),
        Name = parsed.GetValue(s_name)!,
        Patience = TimeSpan.FromSeconds(parsed.GetValue(s_patience)),
        Gateway = IPEndPoint.Parse(parsed.GetValue(s_gateway)!),
        Tls = parsed.GetValue(s_certificate) is { } certificate ? new Tls(certificate, parsed.GetValue(s_authority)!) : null,
    };

    private static void Validate(CommandResult command)
    {
        if (command.GetResult(s_redis) is not null && command.GetResult(s_postgres) is not null)
            command.AddError("--redis and --postgres are given; only one of them is allowed.");
        if ((command.GetResult(s_certificate) is null) != (command.GetResult(s_authority) is null))
            command.AddError("--tls-certificate and --tls-authority are needed together.");
        if (command.GetResult(s_patience) is { Implicit: false, Tokens: [{ Value: var text }] }
            && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out double seconds)
            && seconds is not (>= 0.1 and <= 86_400))
            command.AddError($"--patience-seconds is {text}; 0.1 to 86400 seconds are allowed.");
        if (command.GetResult(s_gateway) is { Implicit: false, Tokens: [{ Value: var gateway }] }
            && !(IPEndPoint.TryParse(gateway, out IPEndPoint? at) && at.Port > 0))
            command.AddError($"--gateway is '{gateway}'; an IP address and a port are needed, for example 127.0.0.1:30000.");
    }
}
