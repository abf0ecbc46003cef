using System.Globalization;
using System.Text.Json;
using Concentrator.Bench.Cluster;
using Concentrator.Bench.Sink;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Capacity;

/// <summary>
/// The configurations that <c>capacity --nats</c> measures: an edge, the same server with an output of type syslog-tls in place of the
/// cluster, and a relay. Edge and direct server are otherwise equal: one unix datagram socket, one output.
/// </summary>
internal static class ScaleOutFiles
{
    /// <summary>The listeners' names, which the tables show.</summary>
    public const string Edge = "edge", Direct = "syslog-tls";

    public static string EdgeTo(NatsCluster cluster) => Of(
        new Dictionary<string, object> { [Edge] = new { Address = "unix-dgram:/run/edge" } },
        new Dictionary<string, object>
        {
            ["cluster"] = new { Type = "nats", Servers = cluster.Addresses, Stream = BenchStream.Name, CreateStream = new { Replicas = NatsCluster.Size } },
        });

    /// <summary>Its socket and its receiver are replaced by those of the run.</summary>
    public static string ToReceiver() => Of(
        new Dictionary<string, object> { [Direct] = new { Address = "unix-dgram:/run/direct" } },
        new Dictionary<string, object> { ["receiver"] = new { Type = "syslog-tls", Endpoint = "receiver.invalid:6514" } });

    /// <param name="sink">Speaks TLS.</param>
    /// <param name="caFile">The authority of its certificate.</param>
    /// <param name="spool">The relay's directory for its spool.</param>
    /// <param name="monitoring">Its monitoring port on 127.0.0.1.</param>
    public static string RelayTo(NatsCluster cluster, SinkServer sink, string caFile, string spool, int monitoring) => Of(
        new Dictionary<string, object>
        {
            ["stream"] = new { Address = $"nats://{string.Join(',', cluster.Addresses)}", Stream = BenchStream.Name, BenchStream.Consumer },
        },
        new Dictionary<string, object>
        {
            ["receiver"] = new
            {
                Type = "syslog-tls",
                Endpoint = sink.EndPoint.ToString(),
                Timestamp = "message",
                Tls = new { CaFile = caFile, ThrowAwayCertificate.ServerName },
            },
        },
        new Dictionary<string, object>
        {
            ["Spool"] = new { Directory = spool },
            ["Monitoring"] = new { Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{monitoring}") },
        });

    private static string Of(object listeners, object outputs, Dictionary<string, object>? more = null) => JsonSerializer.Serialize(
        new Dictionary<string, object>(more ?? []) { ["Listeners"] = listeners, ["Outputs"] = outputs });
}
