using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace Lwg.MLNet.Cluster;

/// <summary>The options of a silo.</summary>
internal static class ServeOptions
{
    private static readonly Option<string?> s_name = new("--name") { Description = "The silo's name.", HelpName = "name" };
    private static readonly Option<string?> s_state =
        new("--state") { Description = "Without --redis and --postgres: the folder of this machine in which the state is kept. By "
        + "default it is 'state' in the store's folder, or 'cluster-state' if the store is in a bucket.", HelpName = "folder" };
    private static readonly Option<string> s_address =
        new("--address") { Description =
        "The address on which the silo listens and which it reports to others. Other than loopback only with --tls-certificate, or "
        + "--insecure.", HelpName = "address", DefaultValueFactory = _ => "127.0.0.1" };
    private static readonly Option<bool> s_insecure =
        new("--insecure") { Description =
        "Allows the silo to listen on a network without TLS. Anyone who reaches its ports can then control it." };
    private static readonly Option<int> s_siloPort =
        new("--silo-port") { Description = "The port for other silos.", HelpName = "port", DefaultValueFactory = _ => 11111 };
    private static readonly Option<int> s_gatewayPort =
        new("--gateway-port") { Description = "The port for clients.", HelpName = "port", DefaultValueFactory = _ => 30000 };
    private static readonly Option<string> s_http =
        new("--http") { Description = "Address of /health/live and /health/ready.", HelpName = "address:port", DefaultValueFactory = _ =>
        "127.0.0.1:8088" };
    private static readonly Option<bool> s_kubernetes =
        new("--kubernetes") { Description = "The silo is a pod: Kubernetes provides its name and address, and detects lost silos." };
    private static readonly Option<bool> s_dashboard =
        new("--dashboard") { Description = "Serves Orleans's dashboard at /dashboard of --http." };
    private static readonly Option<string?> s_otlp =
        new("--otlp") { Description = "The target of metrics and traces, by OTLP over HTTP.", HelpName = "url" };
    private static readonly Option<bool> s_jsonLogs = new("--json-logs") { Description = "Writes the log as JSON, one entry a line." };
    private static readonly Option<int> s_places =
        new("--places") { Description = "How many ranges the silo processes at a time; 0 to adapt the number to the measured load.",
        HelpName = "count" };
    private static readonly Option<double> s_rowsPerSecond =
        new("--rows-per-second") { Description = "The maximum rows a second of the silo; 0 for no limit.", HelpName = "rows" };
    private static readonly Option<double> s_reminder =
        new("--reminder-seconds") { Description = "The time after which a job resumes if all silos have died.", HelpName = "seconds",
        DefaultValueFactory = _ => 60 };
    private static readonly Option<double> s_probe =
        new("--probe-seconds") { Description = "How long a silo waits for another's answer; three missing ones in a row count as dead.",
        HelpName = "seconds", DefaultValueFactory = _ => 5 };
    private static readonly Option<double> s_drain =
        new("--drain-seconds") { Description = "How long a silo that shuts down may take for its current rows.", HelpName = "seconds",
        DefaultValueFactory = _ => 120 };
    private static readonly Option<TimeSpan> s_clockAhead =
        new("--clock-ahead") { Description = "How far the silo's clock is ahead of the machine's, for tests.", HelpName = "hh:mm:ss" };
    private static readonly Option<int?> s_sleep =
        new("--sleep") { Description = "Replaces the models by a worker that sleeps for this time, for tests.", HelpName = "milliseconds" };

    public static void AddTo(Command command)
    {
        foreach (Option option in (Option[])[s_name, s_state, s_address, s_insecure, s_siloPort, s_gatewayPort, s_http, s_kubernetes,
            s_dashboard, s_otlp, s_jsonLogs, s_places, s_rowsPerSecond, s_reminder, s_probe, s_drain, s_clockAhead, s_sleep])
            command.Options.Add(option);
        command.Validators.Add(Validate);
    }

    /// <exception cref="LwgException">The silo would listen on a network without protection.</exception>
    public static SiloSettings Settings(ParseResult parsed, ClusterPlace place, string store)
    {
        var address = IPAddress.Parse(parsed.GetValue(s_address)!);
        bool open = !IPAddress.IsLoopback(address) || parsed.GetValue(s_kubernetes);
        if (open && place.Tls is null && !parsed.GetValue(s_insecure))
            throw new LwgException("The silo would listen on a network without TLS; --tls-certificate and --tls-authority are needed, or "
                + "--insecure.");
        return new()
        {
            Place = place,
            Store = store,
            State = parsed.GetValue(s_state)!,
            Name = parsed.GetValue(s_name),
            Address = address,
            SiloPort = parsed.GetValue(s_siloPort),
            GatewayPort = parsed.GetValue(s_gatewayPort),
            Http = IPEndPoint.Parse(parsed.GetValue(s_http)!),
            Kubernetes = parsed.GetValue(s_kubernetes),
            Dashboard = parsed.GetValue(s_dashboard),
            Otlp = parsed.GetValue(s_otlp) is { } otlp ? new Uri(otlp) : null,
            JsonLogs = parsed.GetValue(s_jsonLogs),
            Places = parsed.GetValue(s_places),
            RowsPerSecond = parsed.GetValue(s_rowsPerSecond),
            ReminderPeriod = TimeSpan.FromSeconds(parsed.GetValue(s_reminder)),
            ProbeTimeout = TimeSpan.FromSeconds(parsed.GetValue(s_probe)),
            DrainTime = TimeSpan.FromSeconds(parsed.GetValue(s_drain)),
            ClockAhead = parsed.GetValue(s_clockAhead),
            Sleep = parsed.GetValue(s_sleep) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
        };
    }

    private static void Validate(CommandResult command)
    {
        if (command.GetResult(s_address) is { Implicit: false, Tokens: [{ Value: var address }] } && !IPAddress.TryParse(address, out _))
            command.AddError($"--address is '{address}', which is not an IP address.");
        if (command.GetResult(s_http) is { Implicit: false, Tokens: [{ Value: var http }] }
            && !(IPEndPoint.TryParse(http, out IPEndPoint? at) && at.Port > 0))
            command.AddError($"--http is '{http}'; an IP address and a port are needed, for example 127.0.0.1:8088.");
        if (command.GetResult(s_otlp) is { Tokens: [{ Value: var otlp }] }
            && !(Uri.TryCreate(otlp, UriKind.Absolute, out Uri? url) && url.Scheme is ("http" or "https")))
            command.AddError($"--otlp is '{otlp}'; a URL is needed, for example http://localhost:4318.");
        foreach (Option option in (Option[])[s_reminder, s_probe, s_drain])
        {
            if (command.GetResult(option) is { Implicit: false, Tokens: [{ Value: var text }] }
                && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out double seconds)
                && seconds is not (>= 0.1 and <= 86_400))
                command.AddError($"{option.Name} is {text}; 0.1 to 86400 seconds are allowed.");
        }
    }
}
