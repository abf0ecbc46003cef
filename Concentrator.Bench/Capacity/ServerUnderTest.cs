using System.Diagnostics;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Bench.Sink;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Capacity;

/// <summary>The server with the operator's configuration, running beside a sink. Runs one probe at a time; not thread-safe.</summary>
internal sealed class ServerUnderTest : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    /// <summary>The time from the last message sent to the last one delivered. A server that needs longer is falling behind.</summary>
    private static readonly TimeSpan Allowed = TimeSpan.FromSeconds(1);

    /// <summary>When nothing new arrives at the intake for so long, all is delivered, or nothing of it is relayed.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(200);

    /// <summary>The time limit for draining what an overload left behind, before the next probe begins.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMinutes(1);

    private readonly OperatorConfiguration _configuration;
    private readonly SinkServer _secure;
    private readonly SinkServer _plain;
    private readonly ChildProcess _process;
    private int _nextSender;

    /// <param name="name">Its subdirectory.</param>
    /// <exception cref="UnusableException">The server does not start.</exception>
    public ServerUnderTest(
        OperatorConfiguration configuration, ServerBinary binary, BenchDirectory directory, ThrowAwayCertificate certificate, string name = "server")
    {
        _configuration = configuration;
        _secure = SinkServer.OnLoopback(certificate.Server);
        _plain = SinkServer.OnLoopback();
        string place = directory.Fresh(name);
        configuration.Move(place, _secure, _plain, certificate.CaFile);
        _process = configuration.Start(binary, place);
        _process.WaitUntilReadyOrDispose(
            () => Metrics.IsReady(configuration.MonitoringPort), StartLimit, "the server does not start with this configuration", this);
    }

    /// <summary>The options as they were written.</summary>
    public ServerOptions Options => _configuration.Options;

    /// <summary>The sink of its TLS relays. Its tally is that of the latest probe.</summary>
    public SinkServer Sink => _secure;

    /// <summary>The senders' SO_SNDBUF in bytes; null for the kernel's default.</summary>
    public int? SendBuffer { get; init; }

    /// <summary>Messages per system call of the senders.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>
    /// Why a listener cannot be measured; null if it can. Sends at that rate for so long, which also warms up the server: its code is
    /// compiled and its buffers have grown before the first probe counts.
    /// </summary>
    public string? WhyNot(ListenerOptions listener, double rate, TimeSpan warmUp, CancellationToken stop)
    {
        if (listener.Tls?.ClientCaFile is not null) return "it asks for client certificates";
        long unrouted = Metrics.Read(_configuration.MonitoringPort).Unrouted;
        try
        {
            ProbeResult first = Probe(listener, 300, rate, warmUp, stop);
            if (first.Failure is not null) return first.Failure;
        }
        catch (UnusableException e)
        {
            return e.Message;
        }
        return Metrics.Read(_configuration.MonitoringPort).Unrouted > unrouted ? "no route matches a HAProxy line from it" : null;
    }

    /// <summary>Sends at one rate and measures the result.</summary>
    public ProbeResult Probe(ListenerOptions listener, int size, double rate, TimeSpan length, CancellationToken stop)
    {
        AwaitEmpty(stop);
        ushort sender = (ushort)_nextSender++;
        SinkTally tally = _secure.Tally = _plain.Tally = new SinkTally(sender, 1);
        Metrics before = Metrics.Read(_configuration.MonitoringPort);
        using ProcessMeter meter = new(_process.Pid);
        LoadResult sent;
        using (LoadRun run = new(Plan(listener, size, rate, length, sender))) sent = run.Run(stop);

        // Read before the metrics are queried again, because answering is not part of the messages' cost.
        long ended = Stopwatch.GetTimestamp();
        Arrival.Await(tally, sent.Sent, Settled, Allowed, stop);
        ProcessUsage usage = meter.Read();
        long expected = before.Received(listener.Name) + sent.Sent;
        Metrics after = Await(
            now => now.Received(listener.Name) >= expected && now.Queued == 0, Allowed - Stopwatch.GetElapsedTime(ended), stop);

        long received = after.Received(listener.Name) - before.Received(listener.Name);
        SinkCount count = tally.Read();
        long inside = after.Dropped - before.Dropped + after.Queued;
        if (count.Distinct > 0) inside = Math.Max(inside, received - count.Distinct);
        return new ProbeResult
        {
            Rate = rate,
            Offered = sent.Rate,
            Messages = sent.Offered,
            LostBefore = sent.Offered - received,
            LostInside = Math.Max(0, inside),
            Cpu = usage.Cpu / sent.Elapsed,
            PeakMemory = usage.PeakMemory,
            Latency = count.Distinct > 0 ? count.Latency : null,
            FrameBytes = count.Frames > 0 ? count.Bytes / (double)count.Frames : 0,
            Failure = _process.HasExited ? _process.Describe() : sent.Failure,
        };
    }

    /// <summary>Waits until its queues are empty, or for a minute.</summary>
    public void AwaitEmpty(CancellationToken stop) => Await(static now => now.Queued == 0, DrainLimit, stop);

    public void Dispose()
    {
        _process.Terminate(StopLimit);
        _process.Dispose();
        _secure.Dispose();
        _plain.Dispose();
    }

    private LoadPlan Plan(ListenerOptions listener, int size, double rate, TimeSpan length, ushort sender) => new()
    {
        Transport = listener.Address.Transport,
        Target = _configuration.Targets[listener.Name],
        Messages = [HttpLine.Create(listener.Address.Transport == Transport.UnixDatagram ? LoadFormat.Local : LoadFormat.Rfc5424, size)],
        Rate = RateRange.Steady(rate),
        Duration = length,
        Framing = listener.Framing == Framing.Lf ? Framing.Lf : Framing.OctetCounted,

        // As HAProxy sends: what a full socket does not accept is lost.
        NonBlocking = listener.Address.IsDatagram,
        SendBuffer = SendBuffer,
        Batch = Batch,
        FirstSender = sender,
    };

    /// <summary>Polls until the metrics meet the condition or the time is over, and returns the last ones.</summary>
    private Metrics Await(Predicate<Metrics> condition, TimeSpan within, CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            Metrics now = Metrics.Read(_configuration.MonitoringPort);
            bool isOver = _process.HasExited || Stopwatch.GetElapsedTime(began) > within;
            if (condition(now) || isOver || stop.WaitHandle.WaitOne(20)) return now;
        }
    }
}
