using System.Diagnostics;
using System.Net;
using Concentrator.Bench.Sink;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Footprint;

/// <summary>The cost of an intake's outage: memory during it, and the rate of catching up.</summary>
internal sealed record Backlog
{
    public required long Messages { get; init; }

    /// <summary>The traffic in messages per second that filled the spool and continued afterwards.</summary>
    public required double LiveRate { get; init; }

    /// <summary>Peak resident memory in bytes while the intake was away.</summary>
    public required long PeakMemoryWhileFilling { get; init; }

    /// <summary>Peak resident memory in bytes while the backlog was delivered.</summary>
    public required long PeakMemoryWhileDraining { get; init; }

    /// <summary>Messages per second that arrived until the backlog was empty, including live ones.</summary>
    public required double DrainRate { get; init; }

    public required long Missing { get; init; }

    private static readonly TimeSpan ReconnectLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    /// <param name="intake">A port that nothing listens on yet.</param>
    public static Backlog Measure(
        RunningServer server, int intake, IssuedCertificate certificate, long messages, double rate, CancellationToken stop)
    {
        server.ForgetPeak();
        server.Send(rate, messages, TimeSpan.Zero, sender: 0, stop);
        long filling = server.PeakMemory;

        server.ForgetPeak();
        using SinkServer sink = SinkServer.On(new IPEndPoint(IPAddress.Loopback, intake), certificate);
        SinkTally tally = sink.Tally = new SinkTally(0, 2);
        using CancellationTokenSource drained = CancellationTokenSource.CreateLinkedTokenSource(stop);
        long live = 0;
        Thread sending = new(() => live = server.Send(rate, 0, ReconnectLimit, sender: 1, drained.Token).Sent) { IsBackground = true, Name = "live" };
        sending.Start();
        SinkCount count = Arrival.Await(tally, messages, ReconnectLimit, stop);
        drained.Cancel();
        sending.Join();
        long peak = server.PeakMemory;
        double seconds = Stopwatch.GetElapsedTime(count.FirstArrival, count.LastArrival).TotalSeconds;
        SinkCount end = Arrival.Await(tally, messages + live, Quiet, stop);
        return new Backlog
        {
            Messages = messages,
            LiveRate = rate,
            PeakMemoryWhileFilling = filling,
            PeakMemoryWhileDraining = peak,
            DrainRate = seconds > 0 ? count.Distinct / seconds : 0,
            Missing = messages + live - end.Distinct,
        };
    }
}
