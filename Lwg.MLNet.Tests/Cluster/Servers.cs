using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>A Redis or PostgreSQL installed on the machine, which the test starts on a free port with its files in the test's
/// folder.</summary>
internal sealed class Server : IDisposable
{
    private readonly string _program;
    private readonly string[] _args;
    private Process? _process;
    private string? _own;

    private Server(string program, string[] args, int port)
    {
        (_program, _args, Port) = (program, args, port);
        Start();
    }

    public int Port { get; }

    /// <summary>Starts a Redis with persistence; null if the machine has none.</summary>
    public static Server? Redis(string folder)
    {
        if (Find("redis-server", ["/usr/bin", "/usr/local/bin"]) is not { } program)
            return null;
        int port = SiloProcess.FreePort();
        return new Server(program, ["--port", $"{port}", "--bind", "127.0.0.1", "--dir",
            Directory.CreateDirectory(Path.Combine(folder, "redis")).FullName, "--appendonly", "yes", "--appendfsync", "always", "--save",
            ""], port);
    }

    /// <summary>Starts a PostgreSQL; null if the machine has none. It has a separate folder, which may need another owner.</summary>
    public static Server? Postgres()
    {
        string[] places = Directory.Exists("/usr/lib/postgresql")
            ? [.. Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin"))] : ["/usr/bin", "/usr/local/bin"];
        if (Find("initdb", places) is not { } initdb || Find("postgres", places) is not { } program)
            return null;
        int port = SiloProcess.FreePort();
        string data = Directory.CreateTempSubdirectory("lwg-postgres-").FullName;
        // PostgreSQL refuses to run as root.
        string[] user = [];
        if (Environment.UserName == "root")
        {
            if (Find("runuser", ["/usr/sbin", "/sbin"]) is not { } runuser || Run("id", "postgres") != 0)
                return null;
            user = [runuser, "-u", "postgres", "--"];
            Assert.AreEqual(0, Run("chown", "postgres", data));
        }
        string[] init = [.. user, initdb, "-D", data, "--auth", "trust", "--username", "lwg", "--no-sync"];
        Assert.AreEqual(0, Run(init[0], init[1..]), "initdb");
        string[] serve = [.. user, program, "-D", data, "-p", $"{port}", "-h", "127.0.0.1", "-k", data, "-F"];
        return new Server(serve[0], serve[1..], port) { _own = data };
    }

    public void Restart()
    {
        Stop();
        Start();
    }

    public void Dispose()
    {
        Stop();
        if (_own is not null)
            Directory.Delete(_own, recursive: true);
    }

    private void Start()
    {
        _process = Launch(_program, _args);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", Port);
                return;
            }
            catch (SocketException) when (watch.Elapsed < TimeSpan.FromMinutes(1))
            {
                Thread.Sleep(20);
            }
        }
    }

    private void Stop()
    {
        if (_process is null)
            return;
        // A SIGTERM to the parent process (runuser) also reaches the server.
        Run("kill", "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture));
        if (!_process.WaitForExit(20_000))
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    private static string? Find(string name, IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static int Run(string program, params string[] args)
    {
        using Process process = Launch(program, args);
        process.WaitForExit();
        return process.ExitCode;
    }

    private static Process Launch(string program, string[] args)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (string argument in args)
            start.ArgumentList.Add(argument);
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
