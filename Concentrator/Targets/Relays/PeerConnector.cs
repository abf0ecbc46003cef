using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Targets.Relays.Proxies;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets.Relays;

/// <summary>
/// Makes one connection to one endpoint: name, TCP, proxy, TLS, each with its deadline; of several addresses, the first that
/// answers (<see cref="AddressRace"/>). The name is resolved and the files of the TLS options are read each time, so that changed
/// addresses and certificates are picked up. Any thread may call, several at a time.
/// <para>
/// Every error is a <see cref="ConnectFailure"/>, including unforeseen ones: no file descriptors left, a renewed key of
/// another kind, any exception of a library. A relay tries again; an exception in its loop would end the process.
/// </para>
/// </summary>
internal sealed class PeerConnector(RelayOutputOptions options, RelayDeadlines deadlines, ILogger log)
{
    // Socket option without a .NET name.
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;

    /// <summary>Exactly one of the two results is set.</summary>
    /// <param name="endpoint">The peer.</param>
    /// <param name="open">Opens a session over the stream, which it owns. Where that fails, the next address is tried.</param>
    /// <param name="stop">Ends the attempt.</param>
    public async Task<(TSession? Session, ConnectFailure? Failure)> ConnectAsync<TSession>(
        RelayEndpoint endpoint, Func<ConnectedStream, CancellationToken, Task<(TSession?, ConnectFailure?)>> open, CancellationToken stop)
        where TSession : class, IAsyncDisposable
    {
        RelayProxy? proxy = options.ProxyFor(endpoint);
        string who = Who(proxy);
        IPAddress[] addresses;
        try
        {
            string host = (proxy?.Address ?? endpoint).Host;
            addresses = await WithDeadline(deadlines.Resolve, token => Dns.GetHostAddressesAsync(host, token), stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return (null, new ConnectFailure(ConnectPhase.Resolve, endpoint, $"{who}cannot resolve the name: {Why(e, deadlines.Resolve)}"));
        }
        if (addresses.Length == 0) return (null, new ConnectFailure(ConnectPhase.Resolve, endpoint, $"{who}cannot resolve the name: the answer contains no address"));

        return await AddressRace.RunAsync(AddressRace.InTurn(addresses), AttemptAsync, TimeProvider.System, stop).ConfigureAwait(false);

        async Task<(TSession?, ConnectFailure?)> AttemptAsync(IPAddress address, CancellationToken over)
        {
            (ConnectedStream? stream, ConnectFailure? failure) = await ConnectAsync(endpoint, proxy, address, over).ConfigureAwait(false);
            return stream is null ? (null, failure) : await open(stream, over).ConfigureAwait(false);
        }
    }

    private async Task<(ConnectedStream?, ConnectFailure?)> ConnectAsync(RelayEndpoint endpoint, RelayProxy? proxy, IPAddress address, CancellationToken stop)
    {
        Socket? socket = null;
        CountingStream network;
        TcpAcknowledgement acknowledgement;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            SetKeepAlive(socket);
            await WithDeadline(deadlines.Connect, async token =>
            {
                await socket.ConnectAsync(address, (proxy?.Address ?? endpoint).Port, token).ConfigureAwait(false);
                return true;
            }, stop).ConfigureAwait(false);
            if (proxy is not null && await TunnelAsync(socket, proxy, endpoint, stop).ConfigureAwait(false) is { } refusal)
            {
                socket.Dispose();
                return (null, new ConnectFailure(ConnectPhase.Proxy, endpoint, $"{Who(proxy)}{refusal}"));
            }
            network = new CountingStream(socket);
            acknowledgement = new TcpAcknowledgement(network);
        }
        catch (Exception e)
        {
            socket?.Dispose();
            ConnectPhase phase = e is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? ConnectPhase.Refused : ConnectPhase.Connect;
            return (null, new ConnectFailure(phase, endpoint, $"{Who(proxy)}{address}: {Why(e, deadlines.Connect)}"));
        }
        string through = proxy is null ? "" : $" through {proxy}";

        // A NATS server speaks first, and TLS begins behind that: the session sees to it.
        if (options.Tls is not { } tls || options.Protocol == RelayProtocol.Nats)
            return (new ConnectedStream(address, network, network, acknowledgement, $"plain TCP{through}", null), null);

        string expectedName = tls.ServerName ?? endpoint.Host;
        PeerCertificate certificate = new(expectedName, tls.CaFile, tls.Insecure);
        SslStream stream = new(network, leaveInnerStreamOpen: false);
        try
        {
            SslClientAuthenticationOptions authentication = Authentication(tls, expectedName, certificate);
            await WithDeadline(deadlines.Handshake, async token =>
            {
                await stream.AuthenticateAsClientAsync(authentication, token).ConfigureAwait(false);
                return true;
            }, stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            return certificate.Problem is { } problem
                ? (null, new ConnectFailure(ConnectPhase.Certificate, endpoint, problem, certificate))
                : (null, new ConnectFailure(ConnectPhase.Handshake, endpoint, $"TLS handshake with {address}: {Why(e, deadlines.Handshake)}"));
        }

        if (tls.Insecure) log.RelayInsecure(options.Name, endpoint.ToString());
        string transport = $"{(stream.SslProtocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2")}{through}";
        return (new ConnectedStream(address, stream, network, acknowledgement, transport, certificate), null);
    }

    /// <summary>Why the proxy gives no connection; null if it does. What it acknowledged of this counts as before the first byte.</summary>
    private async Task<string?> TunnelAsync(Socket socket, RelayProxy proxy, RelayEndpoint endpoint, CancellationToken stop)
    {
        await using NetworkStream stream = new(socket, ownsSocket: false);
        try
        {
            return await WithDeadline(deadlines.Handshake, token => ProxyTunnel.OpenAsync(stream, proxy, endpoint, token), stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return Why(e, deadlines.Handshake);
        }
    }

    /// <summary>Whom a failure on the way to the proxy is about; empty without one.</summary>
    private static string Who(RelayProxy? proxy) => proxy is null ? "" : $"proxy {proxy}: ";

    private void SetKeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);

        // A closed window counts against this limit even while the peer's TCP answers probes (Linux 6.18). A RELP peer that answers message
        // after message may keep it closed for longer, so for RELP the answers are watched instead.
        if (options.AcknowledgesMessages) return;
        socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, BitConverter.GetBytes((int)deadlines.Acknowledge.TotalMilliseconds));
    }

    private static SslClientAuthenticationOptions Authentication(RelayTlsOptions tls, string expectedName, PeerCertificate certificate)
    {
        SslClientAuthenticationOptions authentication = new();
        Fill(authentication, tls, expectedName, certificate);
        return authentication;
    }

    /// <summary>Sets everything of a TLS handshake as a client. Throws what reading the files throws.</summary>
    internal static void Fill(SslClientAuthenticationOptions authentication, RelayTlsOptions tls, string expectedName, PeerCertificate certificate)
    {
        authentication.TargetHost = expectedName;
        authentication.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        authentication.CertificateChainPolicy = TrustAnchors.PolicyFor(tls.CaFile);
        authentication.RemoteCertificateValidationCallback = certificate.Validate;
        if (tls.CertificateFile is not null)
        {
            X509Certificate2 own = X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile);
            X509Certificate2Collection chain = [];
            chain.ImportFromPemFile(tls.CertificateFile);
            authentication.ClientCertificateContext = SslStreamCertificateContext.Create(own, chain, offline: true);
        }
    }

    /// <summary>Runs one step of a connect. Throws what the step throws, and <see cref="OperationCanceledException"/> when its time is over.</summary>
    internal static async Task<T> WithDeadline<T>(TimeSpan limit, Func<CancellationToken, Task<T>> step, CancellationToken stop)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(limit);

        // The C library's name lookup cannot be cancelled: it is abandoned when its time is over.
        return await step(deadline.Token).WaitAsync(deadline.Token).ConfigureAwait(false);
    }

    /// <summary>Describes the exception in one line, whatever its message contains.</summary>
    internal static string Why(Exception e, TimeSpan limit) => e switch
    {
        OperationCanceledException => $"no answer within {limit.TotalSeconds:0.#} s",
        { InnerException: { } inner } => Problem.OneLine($"{e.Message} ({inner.Message})"),
        _ => Problem.OneLine(e.Message),
    };
}
