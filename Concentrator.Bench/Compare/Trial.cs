using System.Diagnostics;
using System.Globalization;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Bench.Sink;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Compare;

/// <summary>Starts a subject, warms it up, sends a scenario's traffic through it, and measures output and cost.</summary>
internal sealed class Trial(
    Subject subject, Scenario scenario, ScenarioSettings settings, BenchDirectory directory, ThrowAwayCertificate certificate)
{
    private const ushort WarmUpSender = 30_000;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    /// <exception cref="UnusableException">The subject does not work at all.</exception>
    public TrialResult Run(CancellationToken stop)
    {
        using IMeasuringIntake sink = subject.IsHttps ? HttpsSink.OnLoopback(certificate.Server) : SinkServer.OnLoopback(certificate.Server);
        TrialPlace place = new(directory.Fresh("trial"), FreePort.Next(), FreePort.Next(), sink.EndPoint.Port, certificate.CaFile);
        using ChildProcess child = subject.Start(place);
        AwaitSocket(child, place, stop);
        using Traffic traffic = scenario.IsRealHaproxy
            ? new HaproxyTraffic(place, directory.Fresh("haproxy"))
            : new SyslogTraffic(scenario, settings, place);
        long warm = WarmUp(child, sink, traffic, stop);

        SinkTally tally = sink.Tally = new SinkTally(0, scenario.Connections);
        using ProcessMeter meter = new(child.Pid);
        Offer sent = Send(traffic, stop);
        SinkCount count = subject.Relays ? Arrival.Await(tally, sent.Messages, Quiet, stop) : AwaitBareLoop(stop);
        ProcessUsage usage = meter.Read();
        if (child.HasExited) throw new UnusableException(child.Describe());
        child.Terminate(StopLimit);

        bool isRelayed = subject.Relays && count.Distinct > 0;
        return new TrialResult
        {
            Offered = sent.Messages,
            Dropped = sent.Dropped,
            Arrived = subject.Relays ? count.Distinct : BareCount(child) - warm,
            Lines = subject.Relays ? CountLines(place.LogFile) - warm : null,
            SentIn = sent.Elapsed,
            Took = isRelayed ? Stopwatch.GetElapsedTime(sent.BeganAt, count.LastArrival) : sent.Elapsed,
            Usage = usage,
            Latency = isRelayed ? count.Latency : null,
        };
    }

    private Offer Send(Traffic traffic, CancellationToken stop)
    {
        if (scenario.Rate is { } rate) return traffic.Send(rate, scenario.Length, 0, stop);
        long began = Stopwatch.GetTimestamp();
        stop.WaitHandle.WaitOne(scenario.Length);
        return new Offer(0, 0, began, Stopwatch.GetElapsedTime(began));
    }

    private void AwaitSocket(ChildProcess child, TrialPlace place, CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        while (!File.Exists(place.Socket) || (subject.Relays && !FreePort.IsListening(place.TcpPort)))
        {
            if (child.HasExited || Stopwatch.GetElapsedTime(began) > StartLimit || stop.WaitHandle.WaitOne(20))
                throw new UnusableException($"{subject.Name} does not start: {child.Describe()}");
        }
    }

    /// <summary>
    /// Sends the warm-up. Afterwards the subject's connection to the intake is up, its code is compiled, and its behaviour at the rate has
    /// settled. Returns the number of messages that arrived; the subject has finished with all of them.
    /// </summary>
    private long WarmUp(ChildProcess child, IMeasuringIntake sink, Traffic traffic, CancellationToken stop)
    {
        Offer sent = traffic.Send(scenario.WarmUp, settings.WarmUp, WarmUpSender, stop);
        if (!subject.Relays) return sent.Messages;
        bool isConnected = sink.Tally.Read().Distinct > 0;
        SinkCount warm = Arrival.Await(sink.Tally, sent.Messages, isConnected ? Quiet : StartLimit / 2, stop);
        if (warm.Distinct == 0) throw new UnusableException($"{subject.Name} does not relay: {child.Describe()}");

        // The server's last work after the traffic must not count as its idle cost.
        if (scenario.NeedsRest) stop.WaitHandle.WaitOne(Quiet);
        return warm.Distinct;
    }

    /// <summary>The sender has waited for the loop, so at most one queue of messages is unread.</summary>
    private static SinkCount AwaitBareLoop(CancellationToken stop)
    {
        stop.WaitHandle.WaitOne(100);
        return new SinkCount { Latency = new LatencyHistogram().Summarize() };
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
