using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Import;

/// <summary>How an action that forwards reaches its peers, as it is written in any of rsyslog's syntaxes; null = not said.</summary>
internal sealed record RelayTransport
{
    public RelayProtocol Protocol { get; init; }

    /// <summary>Whether messages are octet-counted; does not matter for RELP.</summary>
    public bool Octets { get; init; }

    public bool Tls { get; init; }

    public string? AuthMode { get; init; }

    public string[] Peers { get; init; } = [];

    public string? CaFile { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    /// <summary>The client side of TLS; null for plain TCP.</summary>
    /// <param name="host">The first peer.</param>
    /// <param name="globals">rsyslog's global settings, which hold where the action says nothing.</param>
    /// <param name="notes">Receives what has no counterpart.</param>
    public RelayTlsOptions? ToOptions(string host, IReadOnlyDictionary<string, string> globals, ImportNotes notes)
    {
        if (!Tls) return null;
        string? mode = AuthMode?.ToLowerInvariant();
        string? name = Peers is [string peer] && !peer.Contains('*', StringComparison.Ordinal) && !peer.Equals(host, StringComparison.OrdinalIgnoreCase) ? peer : null;
        switch (mode)
        {
            case null or "x509/name" or "name":
                if (Peers.Length > 1) notes.Lost.Add("several permitted peers are not supported: the certificate must be valid for the configured host");
                break;
            case "anon":
                notes.Lost.Add("anon: the peer's certificate is always verified here; set Tls:CaFile if its issuer is not trusted by the system");
                break;
            case "x509/certvalid" or "certvalid":
                notes.Lost.Add($"{mode}: the name in the peer's certificate is also verified; if it differs from the host, set Tls:ServerName");
                break;
            default:
                notes.Lost.Add($"{mode}: the peer's certificate is verified by issuer and name instead");
                break;
        }
        return new RelayTlsOptions
        {
            CaFile = CaFile ?? globals.GetValueOrDefault("DefaultNetstreamDriverCAFile"),
            ServerName = mode is null or "x509/name" or "name" ? name : null,
            CertificateFile = CertificateFile ?? globals.GetValueOrDefault("DefaultNetstreamDriverCertFile"),
            KeyFile = KeyFile ?? globals.GetValueOrDefault("DefaultNetstreamDriverKeyFile"),
        };
    }
}
