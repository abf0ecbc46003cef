using System.Net;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Compare;

/// <summary>Sends a scenario's messages to the subject of one trial. One thread.</summary>
internal abstract class Traffic : IDisposable
{
    /// <summary>Returns when all is sent, or soon after it is told to stop.</summary>
    /// <param name="firstSender">The stamps' first sender; as many follow as the scenario has connections.</param>
    /// <exception cref="UnusableException">Nobody takes it.</exception>
    public abstract Offer Send(RateRange rate, TimeSpan length, ushort firstSender, CancellationToken stop);

    public abstract void Dispose();
}

/// <summary>What <see cref="Traffic"/> has sent.</summary>
/// <param name="Messages">That were tried.</param>
/// <param name="Dropped">Of them, what a full socket did not take (EAGAIN).</param>
/// <param name="BeganAt">In ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
internal readonly record struct Offer(long Messages, long Dropped, long BeganAt, TimeSpan Elapsed);

/// <summary>HAProxy's messages from our own sender.</summary>
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
        // Each sending has its own sockets.
    }
}
