using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Tests.Equipment;

/// <summary>A certificate with its private key and the intermediates that lead to, but not including, its root.</summary>
internal sealed class IssuedCertificate(X509Certificate2 certificate, X509Certificate2Collection intermediates)
{
    public X509Certificate2 Certificate { get; } = certificate;

    /// <summary>What an <see cref="SslStream"/> presents: the certificate and its intermediates.</summary>
    public SslStreamCertificateContext Context { get; } =
        SslStreamCertificateContext.Create(certificate, intermediates, offline: true);

    /// <summary>Writes NAME.crt (the certificate, then its intermediates) and NAME.key (PKCS #8).</summary>
    public (string CertificateFile, string KeyFile) WritePem(TempDirectory directory, string name)
    {
        string chain = string.Join('\n', intermediates.Prepend(Certificate).Select(static one => one.ExportCertificatePem()));
        string key = Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        return (directory.Write($"{name}.crt", chain + "\n"), directory.Write($"{name}.key", key + "\n"));
    }
}
