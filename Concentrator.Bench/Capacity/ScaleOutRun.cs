using System.Diagnostics;
using System.Globalization;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Cluster;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Bench.Sink;
using Concentrator.Configuration.Options;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Capacity;

/// <summary>
/// <c>capacity --nats</c>: the highest rates of an edge that publishes to a cluster on the same machine and of a server that delivers over
/// TLS itself, then a relay that empties a filled stream, then all of it at one rate, alternating with the direct server.
/// </summary>
/// <param name="rate">The rate of the rounds, in messages per second.</param>
internal sealed class ScaleOutRun(
    ServerBinary binary, BenchDirectory directory, ThrowAwayCertificate certificate, CapacitySearch search, TimeSpan warmUp, double rate, TextWriter output)
{
    private const int Rounds = 3;

    /// <summary>How long the stream is filled, in lengths of a probe.</summary>
    private const int FillProbes = 3;

    /// <summary>The share of the edge's highest rate at which the stream is filled.</summary>
    private const double FillShare = 0.8;

    /// <summary>A relay that delivers nothing for so long has delivered all that it will.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    /// <summary>Senders' buffer and messages per call, as for <see cref="ServerUnderTest"/>.</summary>
    public int? SendBuffer { get; init; }

    public int Batch { get; init; } = 1;

    /// <exception cref="UnusableException">Something does not start, or nothing can be measured.</exception>
    public ScaleOutResult Run(IReadOnlyList<int> sizes, CancellationToken stop)
    {
        using NatsCluster cluster = new(directory);
        using ServerUnderTest direct = Start("direct", ScaleOutFiles.ToReceiver(), mayPublish: false);
        using ServerUnderTest edge = Start("edge", ScaleOutFiles.EdgeTo(cluster), mayPublish: true);
        Machine machine = Machine.Describe();
        output.WriteLine($"{cluster.Version}, {NatsCluster.Size} servers; {machine}{Batches.Named(Batch)}");
        ListenerOptions directSocket = direct.Options.Listeners[0], edgeSocket = edge.Options.Listeners[0];
        if ((direct.WhyNot(directSocket, search.FirstRate, warmUp, stop) ?? edge.WhyNot(edgeSocket, search.FirstRate, warmUp, stop)) is { } reason)
            throw new UnusableException($"not measurable: {reason}");

        // The stream exists when the warm-up is delivered.
        edge.AwaitEmpty(stop);
        List<Series> series = [];
        foreach (int size in sizes)
        {
            series.Add(search.Run(directSocket, size, at => direct.Probe(directSocket, size, at, search.Length, stop), output, stop));
            series.Add(search.Run(edgeSocket, size, at => ProbeEdge(cluster, edge, size, at, stop), output, stop));
            if (stop.IsCancellationRequested) throw new UnusableException("interrupted");
        }
        BenchStream.Purge(cluster.Ports[0]);
        double highest = series.First(static one => one.Listener == ScaleOutFiles.Edge).Highest;
        ProbeResult filled = edge.Probe(edgeSocket, sizes[0], FillShare * (highest > 0 ? highest : rate), FillProbes * search.Length, stop);
        edge.AwaitEmpty(stop);
        long began = Stopwatch.GetTimestamp();
        using RelayUnderTest relay = new(binary, directory, cluster, edge.Sink, certificate.CaFile);
        StreamDrain drain = Drain(relay, edge.Sink.Tally, filled.Messages - filled.LostBefore, stop);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  relay: {drain.Messages:N0} messages in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s with its start, {drain.Missing:N0} missing"));
        List<ScaleOutRound> rounds = [];
        for (int round = 0; round < Rounds && !stop.IsCancellationRequested; round++)
        {
            rounds.Add(new ScaleOutRound(
                direct.Probe(directSocket, sizes[0], rate, search.Length, stop), ProbeAll(cluster, edge, relay, sizes[0], stop)));
        }
        if (stop.IsCancellationRequested) throw new UnusableException("interrupted");
        return new ScaleOutResult(machine, edge.Options, series, new ScaleOut { Nats = cluster.Version, Replicas = NatsCluster.Size, Drain = drain, Rounds = rounds });
    }

    private ServerUnderTest Start(string name, string configuration, bool mayPublish)
    {
        string file = directory[$"{name}.json"];
        File.WriteAllText(file, configuration);
        return new ServerUnderTest(new OperatorConfiguration(file, mayPublish), binary, directory, certificate, name) { SendBuffer = SendBuffer, Batch = Batch };
    }

    /// <summary>One rate of the edge alone. What it has published is deleted, so the disk holds one probe at a time.</summary>
    private ProbeResult ProbeEdge(NatsCluster cluster, ServerUnderTest edge, int size, double at, CancellationToken stop)
    {
        BenchStream.Purge(cluster.Ports[0]);
        ProcessMeter[] meters = cluster.Measure();
        ProbeResult probe = edge.Probe(edge.Options.Listeners[0], size, at, search.Length, stop);
        return probe with { ClusterCpu = ShareOf(meters, probe) };
    }

    private ProbeResult ProbeAll(NatsCluster cluster, ServerUnderTest edge, RelayUnderTest relay, int size, CancellationToken stop)
    {
        ProcessMeter[] servers = cluster.Measure();
        ProcessMeter[] delivers = [relay.Measure()];
        ProbeResult probe = edge.Probe(edge.Options.Listeners[0], size, rate, search.Length, stop);
        return probe with { ClusterCpu = ShareOf(servers, probe), RelayCpu = ShareOf(delivers, probe) };
    }

    private static StreamDrain Drain(RelayUnderTest relay, SinkTally tally, long messages, CancellationToken stop)
    {
        SinkCount count = Arrival.Await(tally, messages, Quiet, stop);
        ProcessUsage usage = relay.SinceStart();
        double seconds = Stopwatch.GetElapsedTime(count.FirstArrival, count.LastArrival).TotalSeconds;
        return new StreamDrain(
            messages, messages - count.Distinct, count.Duplicates, seconds > 0 ? count.Distinct / seconds : 0,
            count.Distinct > 0 ? usage.Cpu.TotalMicroseconds / count.Distinct : 0, usage.PeakMemory);
    }

    /// <summary>What they have used, as a share of one processor over the time of the sending; disposes them.</summary>
    private static double ShareOf(ProcessMeter[] meters, ProbeResult probe)
    {
        TimeSpan used = TimeSpan.Zero;
        foreach (ProcessMeter meter in meters)
        {
            used += meter.Read().Cpu;
            meter.Dispose();
        }
        return probe.Messages == 0 ? 0 : used.TotalSeconds * probe.Offered / probe.Messages;
    }
}
