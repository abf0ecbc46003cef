using System.Globalization;
using Concentrator.Bench.Arguments;
using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Capacity;

/// <summary>Searches the highest rate of one listener with one message size, and reports each probe.</summary>
/// <param name="start">The first rate in messages per second.</param>
/// <param name="expected">A rate in messages per second that is always probed; null for none.</param>
/// <param name="most">The highest rate to probe, in messages per second.</param>
internal sealed class CapacitySearch(double start, double? expected, double most, int halvings, TimeSpan length)
{
    public TimeSpan Length { get; } = length;

    public double FirstRate => expected ?? start;

    /// <param name="probeAt">Sends that many messages a second to the listener.</param>
    public Series Run(ListenerOptions listener, int size, Func<double, ProbeResult> probeAt, TextWriter output, CancellationToken stop)
    {
        List<ProbeResult> probes = [];
        string transport = Transports.NameOf(listener.Address.Transport);
        ProbeResult Probe(double rate)
        {
            ProbeResult probe = probeAt(rate);
            probes.Add(probe);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {listener.Name} ({transport}, {size} bytes) {rate,9:N0} msg/s: {CapacityTable.VerdictOf(probe)}"));
            return probe;
        }

        double carried = expected is { } rate && !stop.IsCancellationRequested && Probe(rate).Passed ? rate : 0;
        double highest = RateSearch.Run(start, most, halvings, next =>
        {
            if (stop.IsCancellationRequested) return (false, true);
            ProbeResult probe = probes.Find(done => done.Rate == next) ?? Probe(next);
            return (probe.Passed, probe.SenderIsLimit);
        });
        return new Series(listener.Name, transport, size, Math.Max(carried, highest), [.. probes.OrderBy(static probe => probe.Rate)]);
    }
}
