using Concentrator.Configuration.Options;
using Concentrator.JetStream;
using Concentrator.Targets.Relays;
using Microsoft.Extensions.Logging.Abstractions;

namespace Concentrator.Tools.Cluster;

/// <summary>Opens a session with one of the servers of a cluster, as the output or the listener does that the configuration has.</summary>
internal static class ClusterSession
{
    /// <summary>The session and its server; or why none of them has one to give, in one line.</summary>
    public static async Task<(NatsSession? Session, RelayEndpoint? Server, string Problem)> OpenAsync(ClusterTarget target, CancellationToken stop)
    {
        List<string> problems = [];
        foreach (RelayEndpoint server in target.Peer.Endpoints.List)
        {
            NatsPeer peer = new($"concentrator status@{Environment.MachineName}", target.Credentials, target.Peer.Tls, RelayDeadlines.Default);
            (NatsSession? session, ConnectFailure? failure) = await new PeerConnector(target.Peer, RelayDeadlines.Default, NullLogger.Instance)
                .ConnectAsync<NatsSession>(server, async (stream, over) =>
                {
                    (NatsSession? opened, _, ConnectFailure? why) = await peer.OpenAsync(server, stream, over).ConfigureAwait(false);
                    return (opened, why);
                }, stop).ConfigureAwait(false);
            if (session is not null) return (session, server, "");
            problems.Add($"{server}: {failure!.Reason}");
        }
        return (null, null, string.Join("; ", problems));
    }
}
