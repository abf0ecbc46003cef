using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Targets.Relays.Https;
using Concentrator.Targets.Relays.Relp;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets.Relays;

/// <summary>Connects to one endpoint (<see cref="PeerConnector"/>) and opens the session of the output's protocol over it.</summary>
internal sealed class RelayConnector(RelayOutputOptions options, RelayDeadlines deadlines, TimeProvider time, ILogger log, Action onChange)
{
    private readonly AnsweredAhead _ahead = new();
    private bool _saysUncompressed = options.Https is { Gzip: true };

    private readonly PeerConnector _peers = new(options, deadlines, log);

    /// <summary>The relay that delivers over the connections; null for one that only tries whether they can be made, and changes nothing at the peer.</summary>
    public RelayContext? Relay { get; init; }

    /// <summary>Exactly one of the two results is set. Every error is a <see cref="ConnectFailure"/>.</summary>
    public Task<(RelayConnection? Connection, ConnectFailure? Failure)> ConnectAsync(RelayEndpoint endpoint, CancellationToken stop) =>
        _peers.ConnectAsync<RelayConnection>(endpoint, (stream, over) => OpenAsync(endpoint, stream, over), stop);

    private Task<(RelayConnection?, ConnectFailure?)> OpenAsync(RelayEndpoint endpoint, ConnectedStream stream, CancellationToken stop) =>
        options.Protocol switch
        {
            RelayProtocol.Syslog => Task.FromResult<(RelayConnection?, ConnectFailure?)>((Syslog(endpoint, stream), null)),
            RelayProtocol.Relp => OpenRelpAsync(endpoint, stream, stop),
            RelayProtocol.Https => Task.FromResult<(RelayConnection?, ConnectFailure?)>((Https(endpoint, stream, options.Https!), null)),
            RelayProtocol.Nats => new JetStreamOpening(options, deadlines, log, onChange, Relay).OpenAsync(endpoint, stream, stop),
            _ => throw new InvalidOperationException($"no session for {options.Protocol}"),
        };

    /// <summary>Syslog has no session to open.</summary>
    private SyslogConnection Syslog(RelayEndpoint endpoint, ConnectedStream stream)
    {
        LineFrames? lines = options.Framing == RelayFraming.Lf ? new LineFrames() : null;
        return new SyslogConnection(endpoint, stream.Stream, stream.Network, stream.Acknowledgement, lines, onChange)
        {
            Protocol = stream.Transport,
            PeerSubject = stream.Certificate?.Subject,
            PeerValidUntil = stream.Certificate?.ValidUntil,
            RoundTrip = stream.Acknowledgement.RoundTrip,
        };
    }

    /// <summary>The first request shows what the intake thinks of the key: its interface has none that does nothing else.</summary>
    private HttpsConnection Https(RelayEndpoint endpoint, ConnectedStream stream, HttpsIntakeOptions https)
    {
        if (_saysUncompressed && !GzipEncoder.IsAvailable) log.RelayUncompressed(options.Name);
        _saysUncompressed = false;
        IntakeStreams streams = new(new IntakeStream(stream.Stream, stream.Acknowledgement), again => ConnectAgainAsync(endpoint, again));
        IntakeClient client = new(endpoint, https, streams, deadlines.Acknowledge, time);
        return new HttpsConnection(endpoint, https, client, _ahead, time, onChange)
        {
            Protocol = $"HTTPS over {stream.Transport}",
            PeerSubject = stream.Certificate?.Subject,
            PeerValidUntil = stream.Certificate?.ValidUntil,
            RoundTrip = stream.Acknowledgement.RoundTrip,
        };
    }

    private async Task<IntakeStream> ConnectAgainAsync(RelayEndpoint endpoint, CancellationToken stop)
    {
        (ConnectedStream? stream, ConnectFailure? failure) = await _peers.ConnectAsync<ConnectedStream>(
            endpoint, static (stream, _) => Task.FromResult<(ConnectedStream?, ConnectFailure?)>((stream, null)), stop).ConfigureAwait(false);
        return stream is null ? throw new IntakeUnreachableException(failure!.Reason) : new IntakeStream(stream.Stream, stream.Acknowledgement);
    }

    private async Task<(RelayConnection?, ConnectFailure?)> OpenRelpAsync(RelayEndpoint endpoint, ConnectedStream stream, CancellationToken stop)
    {
        RelpReader reader = new();
        string? problem;
        try
        {
            problem = await PeerConnector.WithDeadline(deadlines.Handshake, token => RelpOpening.AskAsync(stream.Stream, reader, token), stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            problem = PeerConnector.Why(e, deadlines.Handshake);
        }
        if (problem is not null)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            return (null, new ConnectFailure(ConnectPhase.Session, endpoint, $"RELP session with {stream.Address}: {problem}"));
        }
        return (new RelpConnection(endpoint, stream.Stream, stream.Network, reader, onChange)
        {
            Protocol = $"RELP over {stream.Transport}",
            PeerSubject = stream.Certificate?.Subject,
            PeerValidUntil = stream.Certificate?.ValidUntil,
            RoundTrip = stream.Acknowledgement.RoundTrip,
        }, null);
    }
}
