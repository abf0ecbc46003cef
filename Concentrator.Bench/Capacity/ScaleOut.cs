using Concentrator.Bench.Measure;
using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Capacity;

/// <summary>What <c>capacity --nats</c> adds to the report: edge, cluster and relay beside a server that delivers over TLS itself.</summary>
internal sealed record ScaleOut
{
    /// <summary>Of nats-server.</summary>
    public required string Nats { get; init; }

    /// <summary>Servers of the cluster, and replicas of the stream.</summary>
    public required int Replicas { get; init; }

    public required StreamDrain Drain { get; init; }

    public required IReadOnlyList<ScaleOutRound> Rounds { get; init; }
}

/// <summary>A stream that was filled, then delivered by one relay, as fast as it could.</summary>
/// <param name="Messages">Messages that the edge had received.</param>
/// <param name="Missing">Those of them that did not arrive at the sink: lost.</param>
/// <param name="Duplicates">Those that arrived more than once.</param>
/// <param name="Rate">Messages per second, from the first arrival to the last.</param>
/// <param name="CpuMicrosecondsPerMessage">Of the relay, its start included.</param>
/// <param name="PeakMemory">Of the relay, in bytes.</param>
internal sealed record StreamDrain(long Messages, long Missing, long Duplicates, double Rate, double CpuMicrosecondsPerMessage, long PeakMemory);

/// <summary>One rate, first through the direct server, then through edge, cluster and relay to the same kind of sink.</summary>
/// <param name="Scaled">Its latency is that of the whole way; its losses are those at any place of it.</param>
internal sealed record ScaleOutRound(ProbeResult Direct, ProbeResult Scaled);

/// <summary>The result of a <see cref="ScaleOutRun"/>.</summary>
/// <param name="Machine">As it was described while the servers ran.</param>
/// <param name="Edge">The edge's options.</param>
internal sealed record ScaleOutResult(Machine Machine, ServerOptions Edge, IReadOnlyList<Series> Series, ScaleOut ScaleOut);
