namespace Concentrator.Tools.Rehearsal;

/// <summary>A certificate for a stand-in of an intake, signed by an authority of its own. Its files belong to the caller.</summary>
internal sealed class ThrowAwayCertificate
{
    /// <summary>The name that a relay requests (SNI) and must find in the certificate. It cannot exist anywhere (RFC 2606).</summary>
    public const string ServerName = "intake.concentrator.example";

    /// <summary>Writes <c>ca.crt</c>, <c>server.crt</c> and <c>server.key</c>.</summary>
    /// <param name="directory">It exists.</param>
    public ThrowAwayCertificate(string directory)
    {
        Authority = new CertificateAuthority("Concentrator rehearsal authority");
        Server = Authority.IssueServer([ServerName]);
        CaFile = Authority.WritePem(directory, "ca.crt");
        (CertificateFile, KeyFile) = Server.WritePem(directory, "server");
    }

    public CertificateAuthority Authority { get; }

    public IssuedCertificate Server { get; }

    public string CaFile { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }
}
