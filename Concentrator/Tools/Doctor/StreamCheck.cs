using Concentrator.Configuration.Options;
using Concentrator.JetStream;
using Concentrator.Targets.Relays;
using Microsoft.Extensions.Logging.Abstractions;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Checks one server of a listener at <c>nats://</c> by connecting as the listener does, and looks for the stream. Fetches nothing, and creates nothing.
/// </summary>
internal sealed class StreamCheck(ListenerOptions listener, RelayEndpoint server, RelayDeadlines deadlines)
{
    private readonly NatsListenerOptions _nats = listener.Nats ?? throw new ArgumentException("not a listener at nats://", nameof(listener));

    private string Subject => $"listener {listener.Name}, {server}";

    public async Task<Diagnosis> LookAsync(CancellationToken stop)
    {
        RelayOutputOptions peer = new() { Name = listener.Name, Endpoints = new RelayEndpoints([server]), Protocol = RelayProtocol.Nats, Tls = _nats.Tls };
        NatsPeer opening = new($"concentrator doctor@{Environment.MachineName}", _nats.Credentials, _nats.Tls, deadlines);
        (NatsSession? session, ConnectFailure? failure) = await opening.ConnectAsync(new PeerConnector(peer, deadlines, NullLogger.Instance), server, stop).ConfigureAwait(false);
        if (session is null)
        {
            string remedy = failure!.Remedy ?? (failure.Phase == ConnectPhase.Certificate
                ? $"\"{listener.Name}\": {{ \"Tls\": {{ \"CaFile\": \"/etc/concentrator/ca.pem\" }} }} containing the issuer's certificate"
                : FormattableString.Invariant($"nc -vz {server.Host} {server.Port}"));
            return Diagnosis.Fail(Subject, failure.Reason, remedy);
        }
        await using (session.ConfigureAwait(false))
        {
            (StreamInfo? info, ApiError? error) = await StreamApi.FindAsync(session, _nats.Stream, stop).ConfigureAwait(false);
            return info is not null
                ? Diagnosis.Ok(Subject, FormattableString.Invariant($"NATS {session.Version}, stream {info.Name}: {info.Messages} messages, {info.Replicas} replicas"))
                : Diagnosis.Fail(Subject, $"stream {_nats.Stream}: {error}", $"nats stream info {_nats.Stream}");
        }
    }
}
