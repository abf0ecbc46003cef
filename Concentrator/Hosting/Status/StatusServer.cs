using System.Net;
using System.Net.Sockets;
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
/// Serves <c>/metrics</c>, <c>/status.json</c>, <c>/healthz</c>, <c>/readyz</c> and an index over HTTP/1.1. Uses Kestrel
/// without a host: no dependency injection, no configuration, no routing, so a trimmed program keeps all it needs.
/// The caller that starts it disposes it.
/// </summary>
internal sealed class StatusServer : IAsyncDisposable
{
    /// <summary>Enough for the scrapers, health checks and browsers of one host.</summary>
    private const int MostConnections = 32;

    /// <summary>Time limit for an answer that is being sent to a slow reader.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(300);

    private readonly ServerMetrics _metrics;
    private readonly PrometheusText _prometheus;
    private readonly KestrelServer _server;

    private StatusServer(ServerMetrics metrics, PrometheusText prometheus, KestrelServer server)
    {
        _metrics = metrics;
        _prometheus = prometheus;
        _server = server;
    }

    /// <summary>The bound address, with the actual port if port 0 was configured.</summary>
    public IPEndPoint BoundEndPoint { get; private set; } = new(IPAddress.None, 0);

    /// <param name="address">Port 0 = any free one.</param>
    /// <param name="view">Read for every answer.</param>
    /// <param name="loggers">Not owned.</param>
    /// <param name="cancellation">Cancels the start.</param>
    /// <exception cref="StatusListenException">The address cannot be bound.</exception>
    public static async Task<StatusServer> StartAsync(
        IPEndPoint address, ServerView view, ILoggerFactory loggers, CancellationToken cancellation)
    {
        FrameworkLog log = new(loggers);
        KeptConnections kept = new(MostConnections);
        KestrelServer kestrel = new(
            Options.Create(KestrelOptions(address, kept)),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), log),
            log);
        ServerMetrics metrics = new(view.Ledger);
        PrometheusText prometheus = new(metrics);
        StatusPages pages = new(prometheus, new StatusDocument(view, TimeProvider.System), view, kept);
        StatusServer server = new(metrics, prometheus, kestrel);
        try
        {
            await kestrel.StartAsync(pages, cancellation).ConfigureAwait(false);
            string bound = kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
            server.BoundEndPoint = new IPEndPoint(address.Address, new Uri(bound).Port);
            log.Started();
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            if (BindProblem(e) is { } problem) throw new StatusListenException(address, problem, e);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource patience = new(StopTimeout);
        await _server.StopAsync(patience.Token).ConfigureAwait(false);
        _server.Dispose();
        _prometheus.Dispose();
        _metrics.Dispose();
    }

    private static string? BindProblem(Exception exception) => exception switch
    {
        AddressInUseException or { InnerException: AddressInUseException } => "the address is in use",
        SocketException socket => socket.Message,
        { InnerException: SocketException socket } => socket.Message,
        _ => null,
    };

    private static KestrelServerOptions KestrelOptions(IPEndPoint address, KeptConnections kept)
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
        options.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(kept.Before);
        });
        return options;
    }
}

/// <summary>The status server cannot bind its address; the message is one line for the operator (exit code 2).</summary>
internal sealed class StatusListenException(IPEndPoint address, string problem, Exception inner)
    : Exception($"Monitoring:Address: cannot bind {address}: {problem}", inner)
{
    public IPEndPoint Address { get; } = address;
}
