using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Tools.Rehearsal;

/// <summary>A certificate with its private key and the intermediates that lead to, but not including, its root.</summary>
internal sealed class IssuedCertificate(X509Certificate2 certificate, X509Certificate2Collection intermediates)
{
    public X509Certificate2 Certificate { get; } = certificate;

    /// <summary>What an <see cref="SslStream"/> presents: the certificate and its intermediates.</summary>
    public SslStreamCertificateContext Context { get; } =
        SslStreamCertificateContext.Create(certificate, intermediates, offline: true);

    /// <summary>Writes NAME.crt (the certificate, then its intermediates) and NAME.key (PKCS #8).</summary>
    /// <param name="directory">It exists.</param>
    public (string CertificateFile, string KeyFile) WritePem(string directory, string name)
    {
        string path = Path.Combine(directory, name);
        string chain = string.Join('\n', intermediates.Prepend(Certificate).Select(static one => one.ExportCertificatePem()));
        File.WriteAllText($"{path}.crt", chain + "\n");
        File.WriteAllText($"{path}.key", Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
        return ($"{path}.crt", $"{path}.key");
    }
}
