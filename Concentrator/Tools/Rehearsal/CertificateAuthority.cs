using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Tools.Rehearsal;

/// <summary>A throw-away certificate authority (ECDSA P-256), valid from 30 days ago for 60 days. Thread-safe.</summary>
internal sealed class CertificateAuthority
{
    private static readonly Oid ServerUsage = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientUsage = new("1.3.6.1.5.5.7.3.2");

    private readonly CertificateAuthority? _parent;

    public CertificateAuthority(string name)
        : this(name, parent: null)
    {
    }

    private CertificateAuthority(string name, CertificateAuthority? parent)
    {
        _parent = parent;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Certificate = parent is null
            ? request.CreateSelfSigned(now.AddDays(-30), now.AddDays(30))
            : Sign(request, parent.Certificate, now.AddDays(-29), now.AddDays(29), key);
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>An authority signed by this one; what it issues carries the chain up to, but without, the root.</summary>
    public CertificateAuthority Intermediate(string name) => new(name, this);

    /// <summary>A server certificate for these names.</summary>
    public IssuedCertificate IssueServer(IReadOnlyList<string> names, int validFromDays = -1, int validUntilDays = 7) =>
        Issue(names[0], names, ServerUsage, validFromDays, validUntilDays);

    public IssuedCertificate IssueClient(string name, int validFromDays = -1, int validUntilDays = 7) =>
        Issue(name, [], ClientUsage, validFromDays, validUntilDays);

    /// <summary>Trusts this authority and no other, whatever the system trusts. For either side of a connection.</summary>
    public X509ChainPolicy Trust() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { Certificate },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    /// <summary>Writes this authority's certificate, without the key, and returns the path.</summary>
    /// <param name="directory">It exists.</param>
    public string WritePem(string directory, string name)
    {
        string path = Path.Combine(directory, name);
        File.WriteAllText(path, Certificate.ExportCertificatePem());
        return path;
    }

    /// <summary>The names, as a certificate has them; those that are IP addresses become IP entries.</summary>
    public static X509Extension AlternativeNames(IReadOnlyList<string> names)
    {
        SubjectAlternativeNameBuilder builder = new();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address)) builder.AddIpAddress(address);
            else builder.AddDnsName(name);
        }
        return builder.Build();
    }

    private IssuedCertificate Issue(string commonName, IReadOnlyList<string> names, Oid usage, int fromDays, int untilDays)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], false));
        if (names.Count > 0) request.CertificateExtensions.Add(AlternativeNames(names));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        X509Certificate2 certificate = Sign(request, Certificate, now.AddDays(fromDays), now.AddDays(untilDays), key);
        X509Certificate2Collection chain = [];
        for (CertificateAuthority at = this; at._parent is not null; at = at._parent) chain.Add(at.Certificate);
        return new IssuedCertificate(certificate, chain);
    }

    private static X509Certificate2 Sign(
        CertificateRequest request, X509Certificate2 issuer, DateTimeOffset from, DateTimeOffset until, ECDsa key)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        using X509Certificate2 bare = request.Create(issuer, from, until, RandomNumberGenerator.GetBytes(16));
        return bare.CopyWithPrivateKey(key);
    }
}
