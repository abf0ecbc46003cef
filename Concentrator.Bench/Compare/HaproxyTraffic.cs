using System.Diagnostics;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Haproxy;

namespace Concentrator.Bench.Compare;

/// <summary>Messages of a real HAProxy that receives HTTP requests: one message per request.</summary>
internal sealed class HaproxyTraffic(TrialPlace place, string directory) : Traffic
{
    private readonly HaproxyServer _haproxy = new(place.Socket, directory);

    public override Offer Send(RateRange rate, TimeSpan length, ushort firstSender, CancellationToken stop)
    {
        using RequestDriver driver = new(_haproxy.Port);
        long dropped = _haproxy.DroppedLogs();
        long began = Stopwatch.GetTimestamp();
        long requests = driver.Send(rate, length, firstSender, stop);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        return new Offer(requests, _haproxy.DroppedLogs() - dropped, began, elapsed);
    }

    public override void Dispose() => _haproxy.Dispose();
}
