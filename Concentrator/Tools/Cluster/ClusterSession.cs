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
        NatsPeer peer = new($"concentrator status@{Environment.MachineName}", target.Credentials, target.Peer.Tls, RelayDeadlines.Default);
        PeerConnector connector = new(target.Peer, RelayDeadlines.Default, NullLogger.Instance);
        List<string> problems = [];
        foreach (RelayEndpoint server in target.Peer.Endpoints.List)
        {
            (NatsSession? session, ConnectFailure? failure) = await peer.ConnectAsync(connector, server, stop).ConfigureAwait(false);
            if (session is not null) return (session, server, "");
            problems.Add($"{server}: {failure!.Reason}");
        }
        return (null, null, string.Join("; ", problems));
    }
}
