using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.JetStream;

namespace Concentrator.Targets.Relays;

/// <summary>Opens a session with a NATS server over a connection that <see cref="PeerConnector"/> has made, TLS included. Any thread may call.</summary>
/// <param name="name">What the server's connection list shows.</param>
/// <param name="credentials">Who we are.</param>
/// <param name="tls">Null for plain TCP.</param>
/// <param name="deadlines">Limits of the steps.</param>
internal sealed class NatsPeer(string name, NatsCredentials credentials, RelayTlsOptions? tls, RelayDeadlines deadlines)
{
    /// <summary>Connects to a server and opens a session. Exactly one of the results is set.</summary>
    public Task<(NatsSession? Session, ConnectFailure? Failure)> ConnectAsync(PeerConnector connector, RelayEndpoint server, CancellationToken stop) =>
        connector.ConnectAsync<NatsSession>(server, async (stream, over) =>
        {
            (NatsSession? session, _, ConnectFailure? failure) = await OpenAsync(server, stream, over).ConfigureAwait(false);
            return (session, failure);
        }, stop);

    /// <summary>Exactly one of session and failure is set; the certificate where TLS is. The stream is used, or disposed of.</summary>
    public async Task<(NatsSession? Session, PeerCertificate? Certificate, ConnectFailure? Failure)> OpenAsync(
        RelayEndpoint server, ConnectedStream stream, CancellationToken stop)
    {
        PeerCertificate? certificate = tls is null ? null : new PeerCertificate(tls.ServerName ?? server.Host, tls.CaFile, tls.Insecure);
        NatsSessionOptions options = new()
        {
            Server = server,
            Socket = stream.Network.Socket,
            Name = name,
            Credentials = credentials,
            Limit = deadlines.Connect,
            Tls = certificate is null ? null : authentication => PeerConnector.Fill(authentication, tls!, tls!.ServerName ?? server.Host, certificate),
        };
        try
        {
            NatsSession session = await PeerConnector.WithDeadline(deadlines.Handshake, token => NatsSession.OpenAsync(options, token), stop).ConfigureAwait(false);
            return (session, certificate, null);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (certificate?.Problem is { } wrong && tls is { Insecure: false })
                return (null, certificate, new ConnectFailure(ConnectPhase.Certificate, server, wrong, certificate));
            string reason = e is OperationCanceledException ? PeerConnector.Why(e, deadlines.Handshake) : Problem.OneLine(e.Message);
            return (null, certificate, new ConnectFailure(ConnectPhase.Session, server, $"NATS session with {stream.Address}: {reason}", Remedy: $"nats --server={server} server check connection"));
        }
    }
}
