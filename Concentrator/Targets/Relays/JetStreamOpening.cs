using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.JetStream;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Targets.Relays.JetStream;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace Concentrator.Targets.Relays;

/// <summary>Opens the connection of an output of type <c>nats</c>: the session, and the stream, which it finds or creates where that is allowed.</summary>
/// <param name="relay">Null = only to try: nothing is created.</param>
internal sealed class JetStreamOpening(RelayOutputOptions options, RelayDeadlines deadlines, ILogger log, Action onChange, RelayContext? relay)
{
    private readonly NatsOutputOptions _output = options.Nats ?? throw new ArgumentException("not an output of type nats", nameof(options));

    // Bytes of a message that server and stream take.
    private int _limit;

    // Servers that hold each message; 0 = unknown.
    private int _replicas;

    /// <summary>Exactly one of the results is set. The stream is used, or disposed of.</summary>
    public async Task<(RelayConnection?, ConnectFailure?)> OpenAsync(RelayEndpoint server, ConnectedStream stream, CancellationToken stop)
    {
        NatsPeer peer = new($"concentrator {options.Name}@{Environment.MachineName}", _output.Credentials, options.Tls, deadlines);
        (NatsSession? session, PeerCertificate? certificate, ConnectFailure? failure) = await peer.OpenAsync(server, stream, stop).ConfigureAwait(false);
        if (session is null) return (null, failure);
        try
        {
            if (await PrepareAsync(session, stop).ConfigureAwait(false) is not { } problem)
            {
                if (options.Tls?.Insecure == true) log.RelayInsecure(options.Name, server.ToString());
                string transport = certificate is null ? stream.Transport : stream.Transport.Replace("plain TCP", "TLS", StringComparison.Ordinal);
                PublishingOutput? output = relay is null
                    ? null
                    : new PublishingOutput(options.Name, relay.Queue.Identity, relay.Counters, relay.PutAside.KeepAsync, relay.Time, relay.Log)
                    {
                        Ledger = relay.LedgerMember ??= EdgeMember.Of(relay, _output, _replicas),
                    };
                JetStreamConnection connection = new(server, session, _output, _limit, output, onChange)
                {
                    Protocol = $"NATS {session.Version}, {transport}, stream {_output.Stream}",
                    PeerSubject = certificate?.Subject,
                    PeerValidUntil = certificate?.ValidUntil,
                    RoundTrip = stream.Acknowledgement.RoundTrip,
                };
                await connection.BeginAsync().ConfigureAwait(false);
                return (connection, null);
            }
            failure = new ConnectFailure(ConnectPhase.Session, server, problem.Reason, Remedy: problem.Remedy);
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            failure = new ConnectFailure(
                ConnectPhase.Session, server, $"NATS session with {stream.Address}: {session.Ended ?? Problem.OneLine(e.Message)}", Remedy: $"nats --server={server} server check connection");
        }
        await session.DisposeAsync().ConfigureAwait(false);
        return (null, failure);
    }

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
        if (error is { IsDenied: true }) return null;
        if (error is not null) return StreamRefusal.OfStream(error, _output, subjects);
        if (!info!.Takes(subject))
        {
            string command = $"nats stream edit {info.Name} --subjects='{string.Join(',', info.Subjects.Append(subjects))}'";
            return ($"stream {info.Name} does not take subject {subject}, only {string.Join(", ", info.Subjects)}; set Subject, or run: {command}", command);
        }
        if (info.DiscardsOld && (info.MaxBytes > 0 || info.MaxMessages)) log.StreamDiscards(options.Name, info.Name);
        if (info.FillsUp) log.StreamFillsUp(options.Name, info.Name);
        _replicas = info.Replicas;
        if (info.MaxMessageSize > 0) _limit = Math.Min(_limit, info.MaxMessageSize);
        return null;
    }
}
