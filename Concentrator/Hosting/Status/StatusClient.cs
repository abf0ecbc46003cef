using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Configuration.Options;

namespace Concentrator.Hosting.Status;

/// <summary>
/// The client of <see cref="StatusServer"/>, for commands that query the server on this host: reaches it over its IP address or its unix
/// socket, shows the token, and accepts no certificate but the configured one. Ignores the proxy settings of the environment.
/// </summary>
internal sealed class StatusClient : IDisposable
{
    private readonly MonitoringOptions _monitoring;
    private readonly Uri _base;

    /// <param name="monitoring">As the server has it. A server that listens on every address is reached by loopback.</param>
    /// <param name="limit">Time limit for one whole answer.</param>
    public StatusClient(MonitoringOptions monitoring, TimeSpan limit)
    {
        _monitoring = monitoring;
        _base = Base(monitoring);
        SocketsHttpHandler handler = new() { UseProxy = false };
        if (monitoring.Address.Path is { } path) handler.ConnectCallback = (_, stop) => ConnectAsync(path, stop);
        if (monitoring.Tls is { } tls)
        {
            handler.SslOptions.RemoteCertificateValidationCallback =
                (_, certificate, _, errors) => errors == SslPolicyErrors.None || IsThat(certificate, tls.CertificateFile);
        }
        Http = new HttpClient(handler) { Timeout = limit };
        if (monitoring.Token is { } token) Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
    }

    public HttpClient Http { get; }

    /// <summary>The address of a page such as <c>metrics</c>, for <see cref="Http"/>.</summary>
    /// <param name="name">Without a slash.</param>
    public Uri Page(string name) => new(_base, name);

    /// <summary>Where that page is, for people.</summary>
    public string Where(string name) => _monitoring.Address.Path is null ? Page(name).ToString() : $"{_monitoring.Address} (/{name})";

    public void Dispose() => Http.Dispose();

    private static Uri Base(MonitoringOptions monitoring)
    {
        if (monitoring.Address.EndPoint is not { } at) return new Uri("http://localhost/");
        IPAddress address = at.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : at.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : at.Address;
        return new Uri($"{(monitoring.Tls is null ? "http" : "https")}://{new IPEndPoint(address, at.Port)}/");
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken stop)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool IsThat(X509Certificate? shown, string file)
    {
        if (shown is null) return false;
        using X509Certificate2 expected = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        return expected.RawDataMemory.Span.SequenceEqual(shown.GetRawCertData());
    }
}
