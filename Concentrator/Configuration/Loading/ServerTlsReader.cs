using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads the <c>Tls</c> object of whatever accepts TLS connections: a listener, the status pages.</summary>
internal static class ServerTlsReader
{
    private const string ClientCaKey = "ClientCaFile";

    private static readonly TimeSpan LeastHandshake = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MostHandshake = TimeSpan.FromMinutes(5);

    /// <summary>The options; null after reporting what is missing or wrong.</summary>
    /// <param name="owner">The object that has the key <c>Tls</c>.</param>
    /// <param name="who">What needs the files, for errors: <c>a tls listener needs</c>.</param>
    /// <param name="refusal">Why clients cannot be asked for a certificate; null = they can.</param>
    public static ListenerTlsOptions? Read(SectionReader owner, string who, string? refusal = null)
    {
        SectionReader section = owner.Object("Tls");
        if (refusal is not null) section.Refuse(ClientCaKey, refusal);
        ListenerTlsOptions tls = new() { CertificateFile = "", KeyFile = "" };
        string? certificate = section.Required(CertificateReader.CertificateKey, $"{who} the PEM file of its certificate, for example \"server.crt\"");
        string? key = section.Required(CertificateReader.PrivateKeyKey, $"{who} the PEM file of its private key, for example \"server.key\"");
        tls = tls with
        {
            ClientCaFile = refusal is null ? CertificateReader.Authorities(section, ClientCaKey) : null,
            HandshakeTimeout = section.Value("HandshakeTimeout", text => Duration.Parse(text, LeastHandshake, MostHandshake), tls.HandshakeTimeout),
        };
        section.Finish();
        if (certificate is null || key is null) return null;
        tls = tls with { CertificateFile = section.Context.FullPath(certificate), KeyFile = section.Context.FullPath(key) };
        CertificateReader.CheckPair(section, tls.CertificateFile, tls.KeyFile);
        return tls;
    }
}
