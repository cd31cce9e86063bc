using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Files of an authority and of a certificate that it issued.</summary>
internal sealed class Certificates
{
    public Certificates(string folder, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name} authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1), to = from.AddDays(10);
        using X509Certificate2 authority = request.CreateSelfSigned(from, to);
        Authority = Path.Combine(folder, $"{name}-ca.pem");
        File.WriteAllText(Authority, authority.ExportCertificatePem());

        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var silo = new CertificateRequest($"CN={name}", own, HashAlgorithmName.SHA256);
        silo.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        silo.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        silo.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = silo.Create(authority, from.AddHours(1), to.AddHours(-1), RandomNumberGenerator.GetBytes(8));
        Certificate = Path.Combine(folder, $"{name}.pem");
        File.WriteAllText(Certificate, certificate.ExportCertificatePem() + "\n" + own.ExportPkcs8PrivateKeyPem() + "\n");
    }

    public string Authority { get; }

    public string Certificate { get; }

    public string[] Options => ["--tls-certificate", Certificate, "--tls-authority", Authority];
}
