using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// The server side of TLS for one listener, or for the status pages. The files are checked at each handshake, at most once a second, and
/// read again when one has changed. Unusable files are logged and the old certificate stays in use.
/// </summary>
internal sealed class ServerTls
{
    private readonly string _name;
    private readonly ListenerTlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private SslServerAuthenticationOptions _current;
    private string _fingerprint;
    private long _lookedAt;

    private ServerTls(string name, ListenerTlsOptions options, TimeProvider time, ILogger log)
    {
        _name = name;
        _options = options;
        _time = time;
        _log = log;
        _fingerprint = Fingerprint();
        _current = Read();
        _lookedAt = time.GetTimestamp();
    }

    /// <param name="name">Of the listener, for the log.</param>
    /// <param name="address">Where it listens, for errors.</param>
    /// <param name="options">The files.</param>
    /// <param name="time">Decides when to look at the files again.</param>
    /// <param name="log">Receives changes of the certificate.</param>
    /// <exception cref="BindException">The files cannot be used.</exception>
    public static ServerTls Load(string name, string address, ListenerTlsOptions options, TimeProvider time, ILogger log)
    {
        try
        {
            return new ServerTls(name, options, time, log);
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new BindException(name, address, $"certificate: {e.Message}");
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
            if (_time.GetElapsedTime(_lookedAt) < TimeSpan.FromSeconds(1)) return _current;
            _lookedAt = _time.GetTimestamp();
            string fingerprint = Fingerprint();
            if (fingerprint == _fingerprint) return _current;
            try
            {
                _current = Read();
                X509Certificate2 leaf = _current.ServerCertificateContext!.TargetCertificate;
                _log.CertificateReloaded(_name, _options.CertificateFile, leaf.Subject, leaf.NotAfter);
            }
            catch (Exception e) when (IsFault(e))
            {
                _log.CertificateReloadFailed(_name, _options.CertificateFile, e.Message);
            }
            _fingerprint = fingerprint;
            return _current;
        }
    }

    // A key of another certificate, as in the middle of a renewal, is an ArgumentException.
    private static bool IsFault(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private string Fingerprint()
    {
        return string.Join('|', new[] { _options.CertificateFile, _options.KeyFile, _options.ClientCaFile }.OfType<string>().Select(static path =>
        {
            FileInfo file = new(path);
            return file.Exists ? $"{file.LastWriteTimeUtc.Ticks},{file.Length}" : "missing";
        }));
    }

    private SslServerAuthenticationOptions Read()
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(_options.CertificateFile, _options.KeyFile);
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(_options.CertificateFile);
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            EnabledSslProtocols = Taken,
            ClientCertificateRequired = _options.ClientCaFile is not null,
        };
        if (_options.ClientCaFile is not null)
        {
            options.CertificateChainPolicy = TrustAnchors.PolicyFor(_options.ClientCaFile);
            options.RemoteCertificateValidationCallback = TrustAnchors.Validate;
        }
        return options;
    }
}
