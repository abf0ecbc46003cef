using Concentrator.Bench.Arguments;
using Concentrator.Bench.Cluster;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Bench.Sink;

namespace Concentrator.Bench.Capacity;

/// <summary>A relay between the stream and a sink, in a process of its own.</summary>
internal sealed class RelayUnderTest : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly ChildProcess _process;
    private readonly ProcessMeter _sinceStart;

    /// <param name="caFile">The authority of the sink's certificate.</param>
    /// <exception cref="UnusableException">The relay does not start.</exception>
    public RelayUnderTest(ServerBinary binary, BenchDirectory directory, NatsCluster cluster, SinkServer sink, string caFile)
    {
        string place = directory.Fresh("relay");
        string file = Path.Combine(place, "concentrator.json");
        int monitoring = FreePort.Next();
        File.WriteAllText(file, ScaleOutFiles.RelayTo(cluster, sink, caFile, Path.Combine(place, "spool"), monitoring));
        _process = binary.Start(file, [], place);
        _sinceStart = new ProcessMeter(_process.Pid);
        _process.WaitUntilReadyOrDispose(() => Metrics.IsReady(monitoring), StartLimit, "the relay does not start", this);
    }

    /// <summary>What it has used since it was started, its start included.</summary>
    public ProcessUsage SinceStart() => _sinceStart.Read();

    /// <summary>Measures what it uses from now on.</summary>
    public ProcessMeter Measure() => new(_process.Pid);

    public void Dispose()
    {
        _sinceStart.Dispose();
        _process.Terminate(StopLimit);
        _process.Dispose();
    }
}
