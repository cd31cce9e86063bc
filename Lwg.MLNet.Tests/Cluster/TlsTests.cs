using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Lwg.MLNet.Tests;
using Microsoft.AspNetCore.Builder;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Silos accept only silos and clients of the same authority. The runs with Redis test that a silo of another authority does not
/// join.</summary>
[TestClass]
public class TlsTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task SilosAndClientsWithoutACertificateOfTheAuthorityAreRejected()
    {
        using var folder = new TemporaryFolder();
        Certificates ours = new(folder.Path, "ours"), others = new(folder.Path, "others");
        SiloSettings settings = Settings(folder.Path, new ClusterPlace { Tls = new Tls(ours.Certificate, ours.Authority) });
        await using WebApplication silo = SiloHost.Build(settings);
        await silo.StartAsync(TestContext.CancellationToken);
        // An attacking client accepts every certificate.
        foreach (int port in (int[])[settings.SiloPort, settings.GatewayPort])
        {
            Assert.IsTrue(await IsHeardAsync(port, ours.Certificate), "a silo of the same authority");
            Assert.IsFalse(await IsHeardAsync(port, others.Certificate), "a silo of another authority");
            Assert.IsFalse(await IsHeardAsync(port, null), "a silo without a certificate");
        }
        await AssertClientsAreHeardAsync(settings.GatewayPort, ours, others);
    }

    private static async Task AssertClientsAreHeardAsync(int port, Certificates ours, Certificates others)
    {
        string[] ask = ["status", "0123456789abcdef", "--gateway", $"127.0.0.1:{port}"], brief = ["--patience-seconds", "1"];
        Assert.Contains("was not issued by the authority",
            (await RunAsync([.. ask, "--tls-certificate", others.Certificate, "--tls-authority", ours.Authority])).Error);
        foreach (string[] stranger in (string[][])[[], others.Options])
        {
            (int exitCode, string error) = await RunAsync([.. ask, .. stranger, .. brief]);
            Assert.AreEqual(1, exitCode);
            Assert.Contains("No silo of the cluster 'lwg' answers", error);
        }
        // An accepted client gets an answer: the job does not exist.
        Assert.Contains("The cluster has no job '0123456789abcdef'.", (await RunAsync([.. ask, .. ours.Options])).Error);
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string[] args)
    {
        using StringWriter output = new(), error = new();
        return (await ClusterProgram.RunAsync(args, output, error, CancellationToken.None), error.ToString());
    }

    private static SiloSettings Settings(string folder, ClusterPlace place) => new()
    {
        Place = place,
        Store = folder,
        SiloPort = SiloProcess.FreePort(),
        GatewayPort = SiloProcess.FreePort(),
        Http = new IPEndPoint(IPAddress.Loopback, SiloProcess.FreePort()),
        Places = 1,
        Sleep = TimeSpan.Zero,
    };

    // A refused connection is closed after the handshake, because in TLS 1.3 the client has then finished its part.
    private static async Task<bool> IsHeardAsync(int port, string? certificate)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream());
        using X509Certificate2? own = certificate is null ? null : X509Certificate2.CreateFromPemFile(certificate);
        var options = new SslClientAuthenticationOptions { TargetHost = "silo",
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null };
        if (own is not null)
            options.ClientCertificates = [own];
        try
        {
            await tls.AuthenticateAsClientAsync(options);
            // A silo that accepts the connection waits for data.
            Task<int> read = tls.ReadAsync(new byte[1]).AsTask();
            return await Task.WhenAny(read, Task.Delay(500)) != read || await read == 1;
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            return false;
        }
    }
}
