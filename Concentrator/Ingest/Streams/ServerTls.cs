using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;
using Concentrator.Telemetry.Log;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// The server side of TLS for one listener. The files are checked at each handshake, at most once a second, and read again when one
/// has changed. Unusable files are logged and the old certificate stays in use.
/// </summary>
internal sealed class ServerTls
{
    private readonly ListenerOptions _options;
    private readonly IngestContext _context;
    private readonly Lock _gate = new();
    private SslServerAuthenticationOptions _current;
    private string _fingerprint;
    private long _lookedAt;

    private ServerTls(ListenerOptions options, IngestContext context)
    {
        _options = options;
        _context = context;
        _fingerprint = Fingerprint();
        _current = Read();
        _lookedAt = context.Time.GetTimestamp();
    }

    /// <exception cref="BindException">The files cannot be used.</exception>
    public static ServerTls Load(ListenerOptions options, IngestContext context)
    {
        try
        {
            return new ServerTls(options, context);
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new BindException(options.Name, options.Address.ToString(), $"certificate: {e.Message}");
        }
    }

    private const SslProtocols Taken = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Why none of the versions that a client offered is accepted; null if one is.</summary>
    public static string? Describe(SslProtocols offered)
    {
        if (offered == SslProtocols.None || (offered & Taken) != 0) return null;
#pragma warning disable CA5397, CS0618, SYSLIB0039 // Named, not used.
        (SslProtocols, string)[] names = [(SslProtocols.Ssl3, "SSL 3.0"), (SslProtocols.Tls, "TLS 1.0"), (SslProtocols.Tls11, "TLS 1.1")];
#pragma warning restore CA5397, CS0618, SYSLIB0039
        IEnumerable<string> old = names.Where(name => offered.HasFlag(name.Item1)).Select(static name => name.Item2);
        return $"the client offers {string.Join(" and ", old)}; only TLS 1.2 and TLS 1.3 are accepted";
    }

    public SslServerAuthenticationOptions CurrentOptions()
    {
        lock (_gate)
        {
            if (_context.Time.GetElapsedTime(_lookedAt) < TimeSpan.FromSeconds(1)) return _current;
            _lookedAt = _context.Time.GetTimestamp();
            string fingerprint = Fingerprint();
            if (fingerprint == _fingerprint) return _current;
            try
            {
                _current = Read();
                X509Certificate2 leaf = _current.ServerCertificateContext!.TargetCertificate;
                _context.Log.CertificateReloaded(_options.Name, _options.Tls!.CertificateFile, leaf.Subject, leaf.NotAfter);
            }
            catch (Exception e) when (IsFault(e))
            {
                _context.Log.CertificateReloadFailed(_options.Name, _options.Tls!.CertificateFile, e.Message);
            }
            _fingerprint = fingerprint;
            return _current;
        }
    }

    // A key of another certificate, as in the middle of a renewal, is an ArgumentException.
    private static bool IsFault(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private string Fingerprint()
    {
        ListenerTlsOptions tls = _options.Tls!;
        return string.Join('|', new[] { tls.CertificateFile, tls.KeyFile, tls.ClientCaFile }.OfType<string>().Select(static path =>
        {
            FileInfo file = new(path);
            return file.Exists ? $"{file.LastWriteTimeUtc.Ticks},{file.Length}" : "missing";
        }));
    }

    private SslServerAuthenticationOptions Read()
    {
        ListenerTlsOptions tls = _options.Tls!;
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile);
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(tls.CertificateFile);
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            EnabledSslProtocols = Taken,
            ClientCertificateRequired = tls.ClientCaFile is not null,
        };
        if (tls.ClientCaFile is not null)
        {
            options.CertificateChainPolicy = TrustAnchors.PolicyFor(tls.ClientCaFile);
            options.RemoteCertificateValidationCallback = static (_, _, chain, errors) =>
                errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && TrustAnchors.Include(chain));
        }
        return options;
    }
}
