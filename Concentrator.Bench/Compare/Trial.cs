using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Bench.Sink;
using Concentrator.Configuration;

namespace Concentrator.Bench.Compare;

/// <summary>What one subject did in one run of one scenario.</summary>
internal sealed record TrialResult
{
    /// <summary>Messages a second, from the first sent to the last that arrived.</summary>
    public required double Rate { get; init; }

    public required double CpuMicrosecondsPerMessage { get; init; }

    /// <summary>Bytes, the most that was resident.</summary>
    public required long PeakMemory { get; init; }

    public required long Offered { get; init; }

    /// <summary>Different messages that came out at the intake (of the bare loop: that it read).</summary>
    public required long Arrived { get; init; }

    /// <summary>Lines in the file; null for the bare loop.</summary>
    public long? Lines { get; init; }

    /// <summary>Null for the bare loop.</summary>
    public LatencySummary? Latency { get; init; }

    public double LostShare => Offered == 0 ? 0 : 1 - (Math.Min(Arrived, Offered) / (double)Offered);
}

/// <summary>Starts a subject, sends a scenario's traffic through it, and looks at what came out and what it cost.</summary>
internal sealed class Trial(
    Subject subject, Scenario scenario, TrialSettings settings, BenchDirectory directory, ThrowAwayCertificate certificate)
{
    private const double WarmUpRate = 20_000;
    private const ushort WarmUpSender = 60_000;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    /// <summary>Messages before those that count: enough that just-in-time compilers and pools have settled in a run of seconds.</summary>
    private int WarmUp => Math.Max(500, (int)(WarmUpRate * settings.Length.TotalSeconds / 2));

    /// <exception cref="UnusableException">The subject does not do its work at all.</exception>
    public TrialResult Run(CancellationToken stop)
    {
        using SinkServer sink = new(new IPEndPoint(IPAddress.Loopback, 0), certificate.Certificate);
        TrialPlace place = new(directory.Fresh("trial"), UnusedPort.Next(), UnusedPort.Next(), sink.EndPoint.Port, certificate.CaFile);
        using ChildProcess child = subject.Start(place);
        AwaitSocket(child, place, stop);
        long warm = subject.Relays ? AwaitFirstMessages(child, sink, place, stop) : 0;

        SinkTally tally = sink.Tally = new SinkTally(0, 1);
        ProcessStatistics.ForgetPeak(child.Pid);
        TimeSpan before = ProcessStatistics.Cpu(child.Pid);
        LoadResult sent = Send(Plan(place), stop);
        SinkCount count = subject.Relays
            ? Arrival.Await(tally, sent.Sent, Quiet, stop)
            : new SinkCount { Latency = new LatencyHistogram().Summarize() };
        if (!subject.Relays) AwaitIdle(child.Pid);
        TimeSpan cpu = ProcessStatistics.Cpu(child.Pid) - before;
        long peak = ProcessStatistics.PeakMemory(child.Pid);
        if (child.HasExited) throw new UnusableException(child.Describe());
        child.Terminate(StopLimit);

        long arrived = subject.Relays ? count.Distinct : BareCount(child);
        TimeSpan took = subject.Relays && count.LastArrival > sent.BeganAt
            ? Stopwatch.GetElapsedTime(sent.BeganAt, count.LastArrival)
            : sent.Elapsed;
        return new TrialResult
        {
            Rate = arrived / took.TotalSeconds,
            CpuMicrosecondsPerMessage = arrived == 0 ? 0 : cpu.TotalMicroseconds / arrived,
            PeakMemory = peak,
            Offered = sent.Offered,
            Arrived = arrived,
            Lines = subject.Relays ? CountLines(place.LogFile) - warm : null,
            Latency = subject.Relays ? count.Latency : null,
        };
    }

    private LoadPlan Plan(TrialPlace place) => new()
    {
        Transport = scenario.Transport,
        Target = scenario.Transport switch
        {
            Transport.UnixDatagram => new UnixDomainSocketEndPoint(place.Socket),
            Transport.Udp => new IPEndPoint(IPAddress.Loopback, place.UdpPort),
            _ => new IPEndPoint(IPAddress.Loopback, place.TcpPort),
        },
        Messages = [HttpLine.Create(scenario.Transport == Transport.UnixDatagram ? LoadFormat.Local : LoadFormat.Rfc5424, settings.Size)],
        Rate = scenario.Rate,
        NonBlocking = scenario.NonBlocking,
        Duration = settings.Length,
    };

    private static LoadResult Send(LoadPlan plan, CancellationToken stop)
    {
        using LoadRun run = new(plan);
        return run.Run(stop);
    }

    private void AwaitSocket(ChildProcess child, TrialPlace place, CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        while (!File.Exists(place.Socket) || (subject.Relays && !UnusedPort.IsListening(place.TcpPort)))
        {
            if (child.HasExited || Stopwatch.GetElapsedTime(began) > StartLimit || stop.WaitHandle.WaitOne(20))
                throw new UnusableException($"{subject.Name} does not start: {child.Describe()}");
        }
    }

    /// <summary>Its connection to the intake is up, its code is warm, and nothing of this is counted.</summary>
    private long AwaitFirstMessages(ChildProcess child, SinkServer sink, TrialPlace place, CancellationToken stop)
    {
        LoadPlan warmUp = Plan(place) with
        {
            Count = WarmUp,
            Duration = StartLimit,
            Rate = RateRange.Steady(WarmUpRate),
            NonBlocking = false,
            FirstSender = WarmUpSender,
        };
        Send(warmUp, stop);
        SinkCount warm = Arrival.Await(sink.Tally, WarmUp, sink.Tally.Read().Distinct == 0 ? StartLimit / 2 : Quiet, stop);
        if (warm.Distinct == 0) throw new UnusableException($"{subject.Name} relays nothing: {child.Describe()}");
        return warm.Distinct;
    }

    private static void AwaitIdle(int pid)
    {
        TimeSpan cpu;
        do
        {
            cpu = ProcessStatistics.Cpu(pid);
            Thread.Sleep(100);
        }
        while (ProcessStatistics.Cpu(pid) > cpu);
    }

    private static long BareCount(ChildProcess child)
    {
        string? answer = child.LastLines.LastOrDefault(static line => line.StartsWith(BareReader.Answer, StringComparison.Ordinal));
        return answer is null ? 0 : long.Parse(answer.AsSpan(BareReader.Answer.Length), CultureInfo.InvariantCulture);
    }

    private static long CountLines(string path)
    {
        if (!File.Exists(path)) return 0;
        using FileStream file = File.OpenRead(path);
        byte[] buffer = new byte[1 << 20];
        long lines = 0;
        for (int read; (read = file.Read(buffer)) > 0;) lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }
}

/// <summary>What all trials of a comparison have in common.</summary>
/// <param name="Length">How long each sends.</param>
/// <param name="Size">Bytes of a message.</param>
internal sealed record TrialSettings(TimeSpan Length, int Size);
