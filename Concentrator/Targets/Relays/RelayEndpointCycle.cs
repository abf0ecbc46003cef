using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets.Relays;

/// <summary>
/// Selects the endpoint: they are tried in order, and while another than the first is in use the first is tried
/// periodically; when it answers, its connection is kept ready until the relay asks for it. Servers of NATS are equals: each attempt begins with
/// the next one, the first attempt with any, so that many hosts spread over them. Used by the relay's loop.
/// </summary>
internal sealed class RelayEndpointCycle(
    RelayOutputOptions options, RelayConnector connector, RelayDeadlines deadlines, TimeProvider time, ILogger log, Action onFirstIsBack)
    : IAsyncDisposable
{
    private readonly IReadOnlyList<RelayEndpoint> _endpoints = options.Endpoints.List;
    private readonly bool _areEquals = options.Protocol == RelayProtocol.Nats;
    private int _begin = options.Protocol == RelayProtocol.Nats ? Random.Shared.Next(options.Endpoints.List.Count) : 0;
    private volatile RelayConnection? _ready;
    private CancellationTokenSource _probeStops = new();
    private Task _probe = Task.CompletedTask;

    /// <summary>Whether a connection to the first endpoint is ready while another is in use.</summary>
    public bool FirstIsBack => _ready is not null;

    /// <summary>
    /// Connects to the first endpoint that works; otherwise returns why none did, after trying every endpoint.
    /// </summary>
    public async Task<(RelayConnection? Connection, ConnectFailure? Failure)> ConnectAsync(CancellationToken stop)
    {
        if (await EndProbeAsync().ConfigureAwait(false) is { } ready)
        {
            log.RelayBackToFirst(options.Name, ready.Endpoint.ToString());
            return (ready, null);
        }
        ConnectFailure? failure = null;
        for (int i = 0; i < _endpoints.Count && !stop.IsCancellationRequested; i++)
        {
            (RelayConnection? connection, ConnectFailure? why) = await connector.ConnectAsync(_endpoints[(_begin + i) % _endpoints.Count], stop).ConfigureAwait(false);
            if (connection is not null)
            {
                if (_areEquals) _begin = (_begin + i + 1) % _endpoints.Count;
                else if (i > 0)
                {
                    log.RelayFailedOver(options.Name, connection.Endpoint.ToString(), failure!.Reason);
                    _probeStops = CancellationTokenSource.CreateLinkedTokenSource(stop);
                    _probe = ProbeFirstAsync(_probeStops.Token);
                }
                return (connection, null);
            }
            failure = failure is null ? why : failure with { Reason = $"{failure.Reason}; {why!.Endpoint}: {why.Reason}" };
        }
        return (null, failure ?? new ConnectFailure(ConnectPhase.Connect, _endpoints[0], "stopped"));
    }

    public async ValueTask DisposeAsync()
    {
        if (await EndProbeAsync().ConfigureAwait(false) is { } unused) await unused.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ProbeFirstAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(deadlines.Return, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            (RelayConnection? connection, _) = await connector.ConnectAsync(_endpoints[0], stop).ConfigureAwait(false);
            if (connection is null) continue;
            _ready = connection;
            onFirstIsBack();
            return;
        }
    }

    /// <summary>Ends the probe; returns the connection it had ready, if that is still up.</summary>
    private async Task<RelayConnection?> EndProbeAsync()
    {
        await _probeStops.CancelAsync().ConfigureAwait(false);
        await _probe.ConfigureAwait(false);
        RelayConnection? ready = _ready;
        _ready = null;
        if (ready is null or { Ended: null, PeerCloses: false }) return ready;
        await ready.DisposeAsync().ConfigureAwait(false);
        return null;
    }
}
