using System.Globalization;

namespace Concentrator.Bench.Capacity;

/// <summary>What edges, a cluster and relays need, in sentences. A pure function; costs of the rounds are medians.</summary>
internal static class ScaleOutConclusions
{
    public static IReadOnlyList<string> Of(CapacityReport report)
    {
        ScaleOut scaleOut = report.ScaleOut!;
        List<string> sentences = [];
        if (scaleOut.Rounds.Count > 0) sentences.AddRange(OfRounds(scaleOut));
        if (AtHighest(report) is { } highest) sentences.Add(highest);
        StreamDrain drain = scaleOut.Drain;
        sentences.Add(
            Text($"A relay delivers {drain.Rate:N0} messages per second from a filled stream, at {drain.CpuMicrosecondsPerMessage:F1} µs of processor time each, with {drain.PeakMemory / 1e6:F0} MB. ")
            + Text($"Of {drain.Messages:N0} messages that the edge had received, {drain.Missing:N0} are missing; {drain.Duplicates:N0} came twice."));
        return sentences;
    }

    private static IEnumerable<string> OfRounds(ScaleOut scaleOut)
    {
        IReadOnlyList<ScaleOutRound> rounds = scaleOut.Rounds;
        double offered = Median(rounds, static round => round.Scaled.Offered);
        double direct = Median(rounds, static round => round.Direct.CpuMicrosecondsPerMessage);
        double edge = Median(rounds, static round => round.Scaled.CpuMicrosecondsPerMessage);
        double ratio = Median(rounds, static round => round.Scaled.CpuMicrosecondsPerMessage / round.Direct.CpuMicrosecondsPerMessage);
        long lost = rounds.Sum(static round => round.Scaled.Lost);
        yield return Text($"For {Conclusions.Round(offered):N0} messages per second an edge needs {Median(rounds, static round => round.Scaled.Cpu):F2} of a core ({edge:F1} µs per message: {ratio:F2} times as much as over syslog-tls, {direct:F1} µs), ")
            + Text($"the cluster {Median(rounds, static round => round.Scaled.ClusterCpu ?? 0):F2} of a core (its {scaleOut.Replicas} servers together), and a relay {Median(rounds, static round => round.Scaled.RelayCpu ?? 0):F2} of a core.");
        yield return Text($"From edge to receiver a message takes {Median(rounds, static round => round.Scaled.Latency?.P50 ?? 0):F1} ms (p50), {Median(rounds, static round => round.Scaled.Latency?.P99 ?? 0):F1} ms (p99); ")
            + Text($"over syslog-tls {Median(rounds, static round => round.Direct.Latency?.P50 ?? 0):F1} and {Median(rounds, static round => round.Direct.Latency?.P99 ?? 0):F1} ms. ")
            + (lost == 0 ? "Nothing was lost." : Text($"{lost:N0} messages were lost or late."));
    }

    /// <summary>The costs at the highest rate that both the edge and the direct server carried.</summary>
    private static string? AtHighest(CapacityReport report)
    {
        Series? edges = report.Series.FirstOrDefault(static one => one.Listener == ScaleOutFiles.Edge);
        Series? directs = report.Series.FirstOrDefault(static one => one.Listener == ScaleOutFiles.Direct);
        if (edges is null || directs is null) return null;
        foreach (ProbeResult edge in edges.Probes.Where(static probe => probe.Passed).Reverse())
        {
            if (directs.Probes.FirstOrDefault(probe => probe.Passed && probe.Rate == edge.Rate) is not { CpuMicrosecondsPerMessage: > 0 } direct) continue;
            return Text($"At {Conclusions.Round(edge.Offered):N0} messages per second, the highest rate that both carried, the edge uses {edge.CpuMicrosecondsPerMessage:F1} µs per message, ")
                + Text($"{edge.CpuMicrosecondsPerMessage / direct.CpuMicrosecondsPerMessage:F2} times as much as over syslog-tls ({direct.CpuMicrosecondsPerMessage:F1} µs); the cluster {edge.ClusterCpu:F2} of a core.");
        }
        return null;
    }

    private static double Median(IReadOnlyList<ScaleOutRound> rounds, Func<ScaleOutRound, double> value)
    {
        double[] sorted = [.. rounds.Select(value).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
