using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace Lwg.MLNet.Cluster;

/// <summary>Mutual TLS between silos and clients with certificates of one authority; connections without such a certificate are
/// refused.</summary>
internal sealed class Tls
{
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2 _authority;

    /// <summary>Reads the certificates.</summary>
    /// <param name="certificate">The certificate of this silo or client with its key, PEM or PKCS#12 without a password.</param>
    /// <param name="authority">The certificate of the authority that issued all certificates, PEM.</param>
    /// <exception cref="LwgException">The files cannot be read, or the certificate is not from the authority.</exception>
    public Tls(string certificate, string authority)
    {
        try
        {
            _own = IsPem(certificate) ? WithKey(X509Certificate2.CreateFromPemFile(certificate))
                : X509CertificateLoader.LoadPkcs12FromFile(certificate, null);
            _authority = X509CertificateLoader.LoadCertificateFromFile(authority);
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new LwgException($"The certificate '{certificate}' or its authority '{authority}' cannot be read: "
                + $"{e.Message.ReplaceLineEndings(" ")}", e);
        }
        if (!_own.HasPrivateKey)
            throw new LwgException($"'{certificate}' has no private key; a PEM file with certificate and key, or a PKCS#12 file without "
                + $"a password, is needed.");
        if (!IsOfAuthority(_own))
            throw new LwgException($"'{certificate}' was not issued by the authority '{authority}', or is not valid now.");
    }

    public void Configure(TlsOptions options)
    {
        options.LocalCertificate = _own;
        options.RemoteCertificateMode = Orleans.Connections.Security.RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = Orleans.Connections.Security.RemoteCertificateMode.RequireCertificate;
        // Silos have addresses, not names, so only the issuer of the certificate is checked.
        options.RemoteCertificateValidation = (certificate, _, _) => certificate is not null && IsOfAuthority(certificate);
        options.OnAuthenticateAsClient = (_, client) =>
        {
            client.TargetHost = _own.GetNameInfo(X509NameType.SimpleName, false);
            client.ClientCertificates = [_own];
        };
        options.CheckCertificateRevocation = false;
    }

    private bool IsOfAuthority(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }

    private static bool IsPem(string path) => File.ReadAllText(path).Contains("-----BEGIN", StringComparison.Ordinal);

    // Windows needs the key in a store.
    private static X509Certificate2 WithKey(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
