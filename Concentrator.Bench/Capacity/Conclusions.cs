using System.Globalization;
using Concentrator.Bench.Measure;
using Concentrator.Ingest.Datagrams;

namespace Concentrator.Bench.Capacity;

/// <summary>Turns the results into sentences for the operator. A pure function.</summary>
internal static class Conclusions
{
    /// <summary>Spool bytes per message: its share of the block header, and its frame's octet count and space.</summary>
    private const double SpoolOverhead = 5;

    private const long Gigabyte = 1L << 30;

    public static IReadOnlyList<string> Of(CapacityReport report)
    {
        List<string> sentences = [];
        foreach (Series series in report.Series)
        {
            sentences.Add(Carries(series, report));
            if (series.Best is not null) sentences.Add(Cost(series, report));
        }
        if (MainSeries(report) is not { Best: { } best }) return [.. sentences, "No rate was sustained without loss."];
        if (report.ScaleOut is not null) sentences.AddRange(ScaleOutConclusions.Of(report));
        if (Outage(report, best) is { } outage) sentences.Add(outage);
        foreach (Series series in report.Series.GroupBy(series => LimitedBy(series, report)).Select(static group => group.First()))
            sentences.Add(FirstLimit(series, report));
        return sentences;
    }

    /// <summary>The series that represents the host: HAProxy's socket if there is one.</summary>
    private static Series? MainSeries(CapacityReport report) =>
        report.Series.Where(static s => s.Best is not null).OrderBy(static s => s.Transport == "unix-dgram" ? 0 : 1).FirstOrDefault();

    private static string Carries(Series series, CapacityReport report)
    {
        string subject = $"Listener {series.Listener} ({series.Transport}, {series.Size} bytes)";
        if (series.Best is not { } best) return $"{subject} lost messages at every rate tried.";
        string atLeast = best.SenderIsLimit || series.FirstFailed is null ? "at least " : "";
        double carried = best.SenderIsLimit ? best.Offered : series.Highest;
        string headroom = report.ExpectedRate is not { } expected ? ""
            : carried >= expected ? Text($": {carried / expected:F1} times the expected {expected:N0} per second")
            : Text($", which is less than the expected {expected:N0} per second");
        return Text($"{subject} sustains {atLeast}{Round(carried):N0} HAProxy requests per second without loss{headroom}.");
    }

    /// <summary>
    /// The cost at the expected rate, or else at the lowest probed rate. At low rates wake-ups cost more than the work, so the cost per
    /// message at the highest rate does not apply to them.
    /// </summary>
    private static string Cost(Series series, CapacityReport report)
    {
        ProbeResult? expected = series.Probes.FirstOrDefault(probe => probe.Rate == report.ExpectedRate);
        ProbeResult usual = expected ?? series.Probes[0];
        ProbeResult best = series.Best!;
        string which = expected is null ? "the lowest rate tried" : "the expected rate";
        string at = Text($"At {Round(usual.Offered):N0} messages per second, {which}, the server uses {Spent(usual)}");
        return ReferenceEquals(usual, best) ? $"{at}." : Text($"{at}; at {Round(best.Offered):N0}, the highest without loss, {Spent(best)}.");
    }

    private static string Spent(ProbeResult probe) =>
        Text($"{probe.Cpu * 100:0.#} % of one processor ({probe.CpuMicrosecondsPerMessage:F1} µs per message) and {probe.PeakMemory / 1e6:F0} MB");

    private static string? Outage(CapacityReport report, ProbeResult best)
    {
        if (report.Relays == 0 || best.FrameBytes <= 0) return null;
        double rate = report.ExpectedRate ?? best.Offered;
        double bytesAnHour = rate * (best.FrameBytes + SpoolOverhead) * 3600 * report.Relays;
        double size = report.SpoolSize / (double)Gigabyte;
        double each = Gigabyte / bytesAnHour;
        string shared = report.Relays > 1 ? Text($" (shared by {report.Relays} relays)") : "";
        return Text($"A spool of {size:F1} GB{shared} absorbs an outage of {size * each:F1} hours at {Round(rate):N0} messages per second ")
            + Text($"of {best.FrameBytes:F0} bytes on the wire; each GB adds {each:F2} hours.");
    }

    /// <summary>What decides about the first limit: the transport, or, of one transport on both ways, the way.</summary>
    private static string LimitedBy(Series series, CapacityReport report) => report.ScaleOut is null ? series.Transport : series.Listener;

    private static string FirstLimit(Series series, CapacityReport report)
    {
        ProbeResult? failed = series.FirstFailed;
        string limit = $"{LimitedBy(series, report)}: " + (failed is null ? "no loss occurred; the first limit would be " : "the first limit is ");
        if (failed is { LostBefore: 0, LostInside: > 0 })
            return limit + "delivery: the outputs fall behind, and queued messages do not arrive in time.";
        return series.Transport switch
        {
            "unix-dgram" => limit + UnixLimit(series, report),
            "udp" => limit + Text($"the socket's receive buffer; net.core.rmem_max is {report.Machine.LargestReceiveBuffer:N0}. ")
                + "Raise it with: sysctl -w net.core.rmem_max=67108864, and ReceiveBuffer of the listener to 64MB.",
            _ => limit + "the processor: a stream blocks its sender and loses nothing.",
        };
    }

    private static string UnixLimit(Series series, CapacityReport report)
    {
        long queue = report.Machine.DatagramQueue;
        long byQueue = SocketLimits.ByQueueLength(queue);
        long byBuffer = SocketLimits.BySendBuffer(report.SendBuffer, series.Size);
        long ahead = Math.Min(byQueue, byBuffer);
        double milliseconds = ahead / Math.Max(1, series.Highest) * 1000;
        string state = Text($"a sender may be {ahead:N0} messages of {series.Size} bytes ahead, {milliseconds:F1} ms at the highest rate. ");
        return byQueue < byBuffer
            ? Text($"{KernelSetting.DatagramQueue} = {queue:N0}: {state}")
                + Text($"Raise it with: sysctl -w {KernelSetting.DatagramQueue}={DatagramQueueLength.Wanted}, before the server starts.")
            : Text($"the sender's SO_SNDBUF ({report.SendBuffer:N0}): {state}")
                + "Raise it with tune.sndbuf.backend 8388608 in haproxy.cfg (2.9 and later; with sysctl -w net.core.wmem_max=8388608), "
                + "or sysctl -w net.core.wmem_default=2097152 before HAProxy starts.";
    }

    /// <summary>Rounds to two digits, the precision of a measurement that lasts seconds.</summary>
    public static double Round(double rate)
    {
        if (rate < 100) return Math.Round(rate);
        double unit = Math.Pow(10, Math.Floor(Math.Log10(rate)) - 1);
        return Math.Round(rate / unit) * unit;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
