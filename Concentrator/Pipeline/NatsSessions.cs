using Concentrator.Configuration.Options;
using Concentrator.Ingest.JetStream;
using Concentrator.JetStream;
using Concentrator.Targets.Relays;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Pipeline;

/// <summary>
/// The sessions of a listener at <c>nats://</c>, made as a relay makes its own: address race, deadlines, TLS. Used by the listener's loop. It is
/// here because Ingest and Targets do not see each other.
/// </summary>
internal sealed class NatsSessions : INatsSessions
{
    private readonly string _listener;
    private readonly IReadOnlyList<RelayEndpoint> _servers;
    private readonly PeerConnector _peers;
    private readonly NatsPeer _peer;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Backoff _backoff = new(Random.Shared);
    private int _next;

    public NatsSessions(string listener, RelayEndpoints servers, NatsCredentials credentials, RelayTlsOptions? tls, TimeProvider time, ILogger log)
    {
        _listener = listener;
        _servers = servers.List;
        _peers = new PeerConnector(new RelayOutputOptions { Name = listener, Endpoints = servers, Protocol = RelayProtocol.Nats, Tls = tls }, RelayDeadlines.Default, log);
        _peer = new NatsPeer($"concentrator {listener}@{Environment.MachineName}", credentials, tls, RelayDeadlines.Default);
        _time = time;
        _log = log;
        _next = Random.Shared.Next(_servers.Count);
    }

    public async Task<NatsSession?> ConnectAsync(Func<NatsSession, Task<string?>> prepare, Action<string?> onProblem, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            RelayEndpoint server = _servers[_next];
            _next = (_next + 1) % _servers.Count;
            (NatsSession? session, ConnectFailure? failure) = await _peer.ConnectAsync(_peers, server, stop).ConfigureAwait(false);
            string? problem = failure?.Reason;
            if (session is not null)
            {
                problem = await prepare(session).ConfigureAwait(false);
                if (problem is null)
                {
                    onProblem(null);
                    _backoff.Reset();
                    _log.StreamConnected(_listener, server.ToString(), session.Version);
                    return session;
                }
                await session.DisposeAsync().ConfigureAwait(false);
            }
            if (stop.IsCancellationRequested) break;
            onProblem($"cannot fetch from {server}: {problem}");

            // All servers are tried before a pause.
            TimeSpan pause = _next == 0 || _servers.Count == 1 ? _backoff.Next() : TimeSpan.Zero;
            _log.StreamUnavailable(_listener, server.ToString(), problem!, pause);
            await Task.Delay(pause, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return null;
    }
}
