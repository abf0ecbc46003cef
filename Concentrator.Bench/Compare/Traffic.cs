using System.Net;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Compare;

/// <summary>Sends a scenario's messages to the subject of one trial. Not thread-safe.</summary>
internal abstract class Traffic : IDisposable
{
    /// <summary>Returns when everything is sent, or soon after cancellation.</summary>
    /// <param name="firstSender">The first sender number of the stamps. Each connection of the scenario uses the next one.</param>
    /// <exception cref="UnusableException">No receiver is there.</exception>
    public abstract Offer Send(RateRange rate, TimeSpan length, ushort firstSender, CancellationToken stop);

    public abstract void Dispose();
}

/// <summary>What <see cref="Traffic"/> has sent.</summary>
/// <param name="Messages">The messages that were attempted.</param>
/// <param name="Dropped">Those of them that a full socket did not accept (EAGAIN).</param>
/// <param name="BeganAt">The start in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
internal readonly record struct Offer(long Messages, long Dropped, long BeganAt, TimeSpan Elapsed);

/// <summary>HAProxy's messages, sent by the bench itself.</summary>
internal sealed class SyslogTraffic(Scenario scenario, ScenarioSettings settings, TrialPlace place) : Traffic
{
    public override Offer Send(RateRange rate, TimeSpan length, ushort firstSender, CancellationToken stop)
    {
        using LoadRun run = new(new LoadPlan
        {
            Transport = scenario.Transport,
            Target = scenario.Transport switch
            {
                Transport.UnixDatagram => new UnixDomainSocketEndPoint(place.Socket),
                Transport.Udp => new IPEndPoint(IPAddress.Loopback, place.UdpPort),
                _ => new IPEndPoint(IPAddress.Loopback, place.TcpPort),
            },
            Messages =
            [
                HttpLine.Create(scenario.Transport == Transport.UnixDatagram ? LoadFormat.Local : LoadFormat.Rfc5424, settings.Size),
            ],
            Rate = rate,
            Duration = length,
            Connections = scenario.Connections,
            NonBlocking = scenario.NonBlocking,
            Batch = settings.Batch,
            FirstSender = firstSender,
        });
        LoadResult result = run.Run(stop);
        return result.Failure is null
            ? new Offer(result.Offered, result.Dropped, result.BeganAt, result.Elapsed)
            : throw new UnusableException(result.Failure);
    }

    public override void Dispose()
    {
        // Each call opens its own sockets.
    }
}
