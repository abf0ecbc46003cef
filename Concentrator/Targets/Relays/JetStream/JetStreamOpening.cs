using Concentrator.Configuration.Options;
using Concentrator.JetStream;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets.Relays.JetStream;

/// <summary>
/// Opens a session with a NATS server over a connection, TLS included, and finds the stream, or creates it where that is allowed.
/// </summary>
/// <param name="relay">Null = only to try: nothing is created.</param>
internal sealed class JetStreamOpening(RelayOutputOptions options, RelayDeadlines deadlines, ILogger log, Action onChange, RelayContext? relay)
{
    private readonly NatsOutputOptions _output = options.Nats ?? throw new ArgumentException("not an output of type nats", nameof(options));

    /// <summary>Exactly one of the results is set. The stream is used, or disposed of.</summary>
    public async Task<(RelayConnection?, ConnectFailure?)> OpenAsync(RelayEndpoint server, ConnectedStream stream, CancellationToken stop)
    {
        PeerCertificate? certificate = options.Tls is { } tls ? new PeerCertificate(tls.ServerName ?? server.Host, tls.CaFile, tls.Insecure) : null;
        NatsSession? session = null;
        try
        {
            session = await PeerConnector.WithDeadline(
                deadlines.Handshake, token => NatsSession.OpenAsync(SessionOptions(server, stream, certificate), token), stop).ConfigureAwait(false);
            (string Reason, string Remedy)? problem = await PrepareAsync(session, stop).ConfigureAwait(false);
            if (problem is { } found)
            {
                await session.DisposeAsync().ConfigureAwait(false);
                return (null, new ConnectFailure(ConnectPhase.Session, server, found.Reason, Remedy: found.Remedy));
            }
            if (options.Tls?.Insecure == true) log.RelayInsecure(options.Name, server.ToString());
            JetStreamConnection connection = new(server, session, options, _limit, relay, onChange)
            {
                Protocol = $"NATS {session.Version}, {(certificate is null ? stream.Transport : stream.Transport.Replace("plain TCP", "TLS", StringComparison.Ordinal))}, stream {_output.Stream}",
                PeerSubject = certificate?.Subject,
                PeerValidUntil = certificate?.ValidUntil,
                RoundTrip = stream.Acknowledgement.RoundTrip,
            };
            await connection.BeginAsync(stop).ConfigureAwait(false);
            return (connection, null);
        }
        catch (Exception e)
        {
            if (session is not null) await session.DisposeAsync().ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
            return certificate?.Problem is { } wrong && options.Tls?.Insecure != true
                ? (null, new ConnectFailure(ConnectPhase.Certificate, server, wrong, certificate))
                : (null, new ConnectFailure(ConnectPhase.Session, server, $"NATS session with {stream.Address}: {Reason(e)}", Remedy: $"nats --server={server} server ping"));
        }
    }

    private int _limit;

    private NatsSessionOptions SessionOptions(RelayEndpoint server, ConnectedStream stream, PeerCertificate? certificate) => new()
    {
        Server = server,
        Socket = stream.Network.Socket,
        Name = $"concentrator {options.Name}@{Environment.MachineName}",
        Credentials = _output.Credentials,
        Limit = deadlines.Connect,
        Tls = certificate is null ? null : authentication => PeerConnector.Fill(authentication, options.Tls!, options.Tls!.ServerName ?? server.Host, certificate),
    };

    /// <summary>What keeps the output from using its stream, and what would help; null if nothing does.</summary>
    private async Task<(string Reason, string Remedy)?> PrepareAsync(NatsSession session, CancellationToken stop)
    {
        string subject = SubjectNames.Of(_output.Subject);
        string subjects = SubjectNames.PatternOf(_output.Subject);
        _limit = session.MaxPayload;
        (StreamInfo? info, ApiError? error) = await StreamApi.FindAsync(session, _output.Stream, stop).ConfigureAwait(false);
        if (error is { Number: ApiError.StreamNotFound } && _output.CreateStream is { } limits && relay is not null)
        {
            (info, error) = await StreamApi.CreateAsync(session, _output.Stream, subjects, limits, stop).ConfigureAwait(false);

            // Another host has created it in the meantime.
            if (error is { Number: ApiError.StreamInUse }) (info, error) = await StreamApi.FindAsync(session, _output.Stream, stop).ConfigureAwait(false);
            else if (info is not null) log.StreamCreated(options.Name, _output.Stream, subjects, limits.Replicas);
        }

        // A user who may only publish cannot ask for the stream: its acknowledgements are enough.
        if (error is not null && error.Description.Contains("Permissions Violation", StringComparison.OrdinalIgnoreCase)) return null;
        if (error is not null) return StreamRefusal.OfStream(error, _output, subjects);
        if (!info!.Takes(subject))
        {
            string command = $"nats stream edit {info.Name} --subjects='{string.Join(',', info.Subjects.Append(subjects))}'";
            return ($"stream {info.Name} does not take subject {subject}, only {string.Join(", ", info.Subjects)}; set Subject, or run: {command}", command);
        }
        if (info.DiscardsOld && (info.MaxBytes > 0 || info.MaxMessages)) log.StreamDiscards(options.Name, info.Name);
        if (info.MaxMessageSize > 0) _limit = Math.Min(_limit, info.MaxMessageSize);
        return null;
    }

    private string Reason(Exception e) => e is OperationCanceledException ? PeerConnector.Why(e, deadlines.Handshake) : Configuration.Values.Problem.OneLine(e.Message);
}
