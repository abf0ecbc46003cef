using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Tests.Equipment;

/// <summary>The certificates that tests use, made once a run in memory; no openssl command, nothing on disk until asked.</summary>
internal static class TestCertificates
{
    /// <summary>The names that the good server certificates carry.</summary>
    public static readonly IReadOnlyList<string> ServerNames = ["localhost", "127.0.0.1", "::1"];

    private static readonly Lazy<CertificateAuthority> LazyAuthority = new(static () => new CertificateAuthority("Test Root"));
    private static readonly Lazy<CertificateAuthority> LazyStranger = new(static () => new CertificateAuthority("Unknown Root"));
    private static readonly Lazy<IssuedCertificate> LazyServer = new(static () => Authority.IssueServer(ServerNames));
    private static readonly Lazy<IssuedCertificate> LazyExpired =
        new(static () => Authority.IssueServer(ServerNames, validFromDays: -20, validUntilDays: -10));
    private static readonly Lazy<IssuedCertificate> LazyWrongName = new(static () => Authority.IssueServer(["elsewhere.example"]));
    private static readonly Lazy<IssuedCertificate> LazyUnknown = new(static () => Stranger.IssueServer(ServerNames));
    private static readonly Lazy<IssuedCertificate> LazyChained =
        new(static () => Authority.Intermediate("Test Intermediate").IssueServer(ServerNames));
    private static readonly Lazy<IssuedCertificate> LazyClient = new(static () => Authority.IssueClient("test client"));
    private static readonly Lazy<IssuedCertificate> LazyUnknownClient = new(static () => Stranger.IssueClient("strange client"));

    /// <summary>The root that tests trust.</summary>
    public static CertificateAuthority Authority => LazyAuthority.Value;

    /// <summary>A root that nobody trusts.</summary>
    public static CertificateAuthority Stranger => LazyStranger.Value;

    /// <summary>Valid for <see cref="ServerNames"/>, signed by <see cref="Authority"/>.</summary>
    public static IssuedCertificate Server => LazyServer.Value;

    /// <summary>Ended ten days ago.</summary>
    public static IssuedCertificate Expired => LazyExpired.Value;

    /// <summary>Valid, but only for elsewhere.example.</summary>
    public static IssuedCertificate WrongName => LazyWrongName.Value;

    /// <summary>The right names, signed by <see cref="Stranger"/>.</summary>
    public static IssuedCertificate UnknownAuthority => LazyUnknown.Value;

    /// <summary>Signed by an intermediate of <see cref="Authority"/>, which it presents.</summary>
    public static IssuedCertificate WithIntermediate => LazyChained.Value;

    /// <summary>Signed by <see cref="Authority"/>, for client authentication.</summary>
    public static IssuedCertificate Client => LazyClient.Value;

    /// <summary>For client authentication, signed by <see cref="Stranger"/>.</summary>
    public static IssuedCertificate UnknownClient => LazyUnknownClient.Value;

    /// <summary>A certificate for <see cref="ServerNames"/> that names that issuer, in all its fields, and is signed with another key.</summary>
    public static IssuedCertificate Forge(X509Certificate2 issuer)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(CertificateAuthority.AlternativeNames(ServerNames));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 bare = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(strange), now.AddDays(-1), now.AddDays(7), RandomNumberGenerator.GetBytes(16));
        return new IssuedCertificate(bare.CopyWithPrivateKey(key), [issuer]);
    }
}
