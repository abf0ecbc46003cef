using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Tools.Demo;

/// <summary>
/// A throw-away CA and one server certificate, for the embedded intake and the TLS listener. The CA's key is discarded at once; the caller
/// owns the files.
/// </summary>
internal static class DemoCertificate
{
    /// <summary>The name that the relay requests (SNI) and must find in the certificate. It cannot exist anywhere (RFC 2606).</summary>
    public const string ServerName = "intake.concentrator.example";

    private static readonly Oid ServerUsage = new("1.3.6.1.5.5.7.3.1");

    /// <summary>Writes the CA's certificate, the server's, and the server's key, as PEM.</summary>
    public static void Write(string caFile, string certificateFile, string keyFile)
    {
        // Valid from yesterday until tomorrow, so that setting the clock meanwhile does not matter.
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1);
        DateTimeOffset until = from.AddDays(2);
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authorityRequest = new("CN=Concentrator demo authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(from, until);

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={ServerName}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(ServerName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerUsage], false));
        using X509Certificate2 certificate = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(16));

        File.WriteAllText(caFile, authority.ExportCertificatePem());
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
