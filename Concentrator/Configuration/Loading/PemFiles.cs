using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Checks certificate and key files at load time, so that a typing error is found before the first handshake.</summary>
internal static class PemFiles
{
    public const string CertificateKey = "CertificateFile";

    public const string PrivateKeyKey = "KeyFile";

    /// <summary>The full path of a PEM file with at least one certificate, or null after reporting.</summary>
    public static string? Authorities(SectionReader section, string key)
    {
        if (section.Text(key) is not string name)
        {
            return null;
        }
        string file = section.Context.FullPath(name);
        return Read(section, key, file) is string pem && Certificates(section, key, file, pem) is not null ? file : null;
    }

    /// <summary>Checks that the two files (full paths) are a certificate and its unencrypted key; reports every problem.</summary>
    public static void CheckPair(SectionReader section, string certificateFile, string keyFile)
    {
        string? certificatePem = Read(section, CertificateKey, certificateFile);
        string? keyPem = Read(section, PrivateKeyKey, keyFile);
        X509Certificate2? certificate = certificatePem is null
            ? null
            : Certificates(section, CertificateKey, certificateFile, certificatePem);
        if (certificate is null || keyPem is null)
        {
            return;
        }
        if (keyPem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal)
            || keyPem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            section.Error(PrivateKeyKey, $"{Problem.Quote(keyFile)} is encrypted, and the server cannot ask for its passphrase; "
                + "store it unencrypted with mode 0600: openssl pkey -in FILE -out FILE");
        }
        else if (!keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            section.Error(PrivateKeyKey, $"{Problem.Quote(keyFile)} contains no private key; name a PEM file with a BEGIN PRIVATE KEY block");
        }
        else
        {
            CheckMatch(section, certificatePem!, keyPem, keyFile);
            SecretFile.WarnIfOpenToAll(section, PrivateKeyKey, keyFile);
        }
        WarnOfDates(section, certificate);
    }

    private static void CheckMatch(SectionReader section, string certificatePem, string keyPem, string keyFile)
    {
        try
        {
            X509Certificate2.CreateFromPem(certificatePem, keyPem).Dispose();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            section.Error(PrivateKeyKey, $"{Problem.Quote(keyFile)} is not the private key of the certificate in {CertificateKey} "
                + $"({e.Message}); name the PEM file of the key that the certificate was issued for");
        }
    }

    private static void WarnOfDates(SectionReader section, X509Certificate2 certificate)
    {
        if (certificate.NotAfter < DateTime.Now)
        {
            section.Warn(CertificateKey, $"the certificate expired on {certificate.NotAfter:yyyy-MM-dd}; "
                + "peers that verify it will reject it");
        }
        else if (certificate.NotBefore > DateTime.Now)
        {
            section.Warn(CertificateKey, $"the certificate is valid only from {certificate.NotBefore:yyyy-MM-dd}; "
                + "peers that verify it will reject it");
        }
    }

    /// <summary>The first certificate of the file: the server's or client's own. Null after reporting.</summary>
    private static X509Certificate2? Certificates(SectionReader section, string key, string file, string pem)
    {
        X509Certificate2Collection found = [];
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            section.Error(key, $"{Problem.Quote(file)} contains a damaged certificate ({e.Message}); name a PEM file with complete certificates");
            return null;
        }
        if (found.Count == 0)
        {
            section.Error(key, $"{Problem.Quote(file)} contains no certificate; name a PEM file with BEGIN CERTIFICATE blocks");
            return null;
        }
        return found[0];
    }

    private static string? Read(SectionReader section, string key, string file)
    {
        if (TextFile.Read(file).TryGet(out string? text, out string? problem))
        {
            section.Context.HasRead(section.PathOf(key), file);
            return text;
        }
        section.Error(key, $"{Problem.Quote(file)} {problem}; name a readable PEM file");
        return null;
    }
}
