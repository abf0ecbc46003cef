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
}
