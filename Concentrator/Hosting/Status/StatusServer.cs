using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Access;
using Concentrator.Hosting.Page;
using Concentrator.Hosting.Views;
using Concentrator.Ingest.Sockets;
using Concentrator.Ingest.Streams;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Concentrator.Hosting.Status;

/// <summary>
/// Serves the live page, <c>/metrics</c>, <c>/status.json</c>, <c>/healthz</c> and <c>/readyz</c> over HTTP/1.1. Uses Kestrel
/// without a host: no dependency injection, no configuration, no routing, so a trimmed program keeps all it needs.
/// The caller that starts it disposes it.
/// </summary>
internal sealed class StatusServer : IAsyncDisposable
{
    /// <summary>Enough for the scrapers, health checks and browsers of one host.</summary>
    private const int MostConnections = 32;

    /// <summary>Time limit for an answer that is being sent to a slow reader.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(300);

    private readonly PrometheusText _prometheus;
    private readonly KestrelServer _server;
    private readonly StatusSocket? _socket;

    private StatusServer(PrometheusText prometheus, KestrelServer server, StatusSocket? socket)
    {
        _prometheus = prometheus;
        _server = server;
        _socket = socket;
    }

    /// <summary>The bound address, with the actual port if port 0 was configured.</summary>
    public MonitoringAddress Address { get; private set; } = new(null, null);

    /// <summary>Where the pages are, for people.</summary>
    public string Where { get; private set; } = "";

    /// <param name="options">Where, and to whom. Port 0 = any free one.</param>
    /// <param name="view">Read for every answer.</param>
    /// <param name="metrics">Likewise; not owned.</param>
    /// <param name="loggers">Not owned.</param>
    /// <param name="cancellation">Cancels the start.</param>
    /// <exception cref="StatusListenException">The address cannot be bound, or the certificate cannot be used.</exception>
    public static async Task<StatusServer> StartAsync(
        MonitoringOptions options, ServerView view, ServerMetrics metrics, ILoggerFactory loggers, CancellationToken cancellation)
    {
        FrameworkLog log = new(loggers);
        ILogger own = loggers.CreateLogger("concentrator");
        KeptConnections kept = new(MostConnections);
        StatusSocket? socket = null;
        TlsConnections? tls = null;
        try
        {
            if (options.Tls is { } files)
                tls = new TlsConnections(ServerTls.Load("status pages", options.Address.ToString(), files, TimeProvider.System, own), files.HandshakeTimeout);
            if (options.Address.Path is not null) socket = StatusSocket.Bind(options);
        }
        catch (BindException e)
        {
            throw new StatusListenException(options.Address, e.Reason, e);
        }
        SocketTransportOptions transport = new();
        if (socket is not null) transport.CreateBoundListenSocket = _ => socket.Socket;
        KestrelServer kestrel = new(
            Options.Create(KestrelOptions(options.Address, kept, tls)), new SocketTransportFactory(Options.Create(transport), log), log);
        PrometheusText prometheus = new(metrics);
        StatusPages pages = new(
            prometheus, new StatusDocument(view, TimeProvider.System), new LivePage(view, TimeProvider.System), view, kept,
            new HostRule(options, Dns.GetHostName()), new TokenRule(options.Token), own);
        StatusServer server = new(prometheus, kestrel, socket);
        try
        {
            await kestrel.StartAsync(pages, cancellation).ConfigureAwait(false);
            server.HasBound(options, kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
            log.Started();
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            if (BindProblem(e) is { } problem) throw new StatusListenException(options.Address, problem, e);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource patience = new(StopTimeout);
        await _server.StopAsync(patience.Token).ConfigureAwait(false);
        _server.Dispose();
        _socket?.Remove();
        _socket?.Socket.Dispose();
        _prometheus.Dispose();
    }

    private void HasBound(MonitoringOptions options, string address)
    {
        Address = options.Address.EndPoint is { } at ? new MonitoringAddress(new IPEndPoint(at.Address, new Uri(address).Port), null) : options.Address;
        Where = Address.EndPoint is null ? Address.ToString() : $"{(options.Tls is null ? "http" : "https")}://{Address}/";
    }

    private static string? BindProblem(Exception exception) => exception switch
    {
        AddressInUseException or { InnerException: AddressInUseException } => "the address is in use",
        SocketException socket => socket.Message,
        { InnerException: SocketException socket } => socket.Message,
        _ => null,
    };

    private static KestrelServerOptions KestrelOptions(MonitoringAddress address, KeptConnections kept, TlsConnections? tls)
    {
        KestrelServerOptions options = new() { AddServerHeader = false };
        KestrelServerLimits limits = options.Limits;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestBodySize = 0;
        limits.MaxRequestLineSize = 2 * 1024;
        limits.MaxRequestHeaderCount = 32;
        limits.MaxRequestHeadersTotalSize = 8 * 1024;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);

        // Longer than the usual minute between two scrapes, so that a scraper keeps its connection.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(90);
        if (address.EndPoint is { } endPoint) options.Listen(endPoint, Configure);
        else options.ListenUnixSocket(address.Path!, Configure);
        return options;

        void Configure(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(kept.Before);
            if (tls is not null) listen.Use(tls.Before);
        }
    }
}
