using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Compare;

/// <summary>One subject in one scenario, over all runs.</summary>
internal sealed record Standing
{
    public required string Subject { get; init; }

    public required Sample Rate { get; init; }

    public required Sample CpuMicroseconds { get; init; }

    /// <summary>Bytes.</summary>
    public required Sample PeakMemory { get; init; }

    /// <summary>0 to 1.</summary>
    public required Sample Lost { get; init; }

    /// <summary>Lines missing in the file, of all messages that arrived; null where no file is written.</summary>
    public Sample? FileLost { get; init; }

    /// <summary>Milliseconds; null for what does not relay.</summary>
    public Sample? P50 { get; init; }

    public Sample? P99 { get; init; }

    public Sample? P999 { get; init; }

    /// <param name="trials">At least one.</param>
    public static Standing Of(string subject, IReadOnlyList<TrialResult> trials) => new()
    {
        Subject = subject,
        Rate = Sample.Of(trials.Select(static t => t.Rate)),
        CpuMicroseconds = Sample.Of(trials.Select(static t => t.CpuMicrosecondsPerMessage)),
        PeakMemory = Sample.Of(trials.Select(static t => (double)t.PeakMemory)),
        Lost = Sample.Of(trials.Select(static t => t.LostShare)),
        FileLost = trials[0].Lines is null ? null : Sample.Of(trials.Select(static t => Math.Max(0.0, t.Arrived - t.Lines!.Value))),
        P50 = OfLatency(trials, static l => l.P50),
        P99 = OfLatency(trials, static l => l.P99),
        P999 = OfLatency(trials, static l => l.P999),
    };

    private static Sample? OfLatency(IReadOnlyList<TrialResult> trials, Func<LatencySummary, double> value) =>
        trials[0].Latency is null ? null : Sample.Of(trials.Select(t => value(t.Latency!)));
}

/// <summary>The first subject against another: each run's own ratio, so that what the machine did meanwhile touches both.</summary>
/// <param name="Rate">The first's share of the other's: above 1 it carries more.</param>
/// <param name="Cpu">Below 1: it costs less a message.</param>
/// <param name="Memory">Below 1: its peak is lower.</param>
internal sealed record Ratio(string Against, Sample Rate, Sample Cpu, Sample Memory)
{
    /// <summary>Null where the other has brought nothing to compare.</summary>
    public static Ratio? Of(string against, IReadOnlyList<TrialResult> first, IReadOnlyList<TrialResult> other)
    {
        (TrialResult First, TrialResult Other)[] pairs =
            [.. first.Zip(other).Where(static p => p.First.Arrived > 0 && p.Second.Arrived > 0)];
        return pairs.Length == 0 ? null : new Ratio(
            against,
            Sample.Of(pairs.Select(static p => p.First.Rate / p.Other.Rate)),
            Sample.Of(pairs.Select(static p => p.First.CpuMicrosecondsPerMessage / Math.Max(0.001, p.Other.CpuMicrosecondsPerMessage))),
            Sample.Of(pairs.Select(static p => p.First.PeakMemory / (double)Math.Max(1, p.Other.PeakMemory))));
    }
}

/// <summary>One scenario, compared.</summary>
internal sealed record ScenarioReport(string Title, IReadOnlyList<Standing> Standings, IReadOnlyList<Ratio> Ratios)
{
    /// <param name="trials">By subject, the first to be compared with the others; in the order of the runs.</param>
    public static ScenarioReport Of(Scenario scenario, IReadOnlyList<(string Subject, IReadOnlyList<TrialResult> Trials)> trials)
    {
        (string Subject, IReadOnlyList<TrialResult> Trials)[] present = [.. trials.Where(static t => t.Trials.Count > 0)];
        return new ScenarioReport(
            scenario.Title,
            [.. present.Select(static t => Standing.Of(t.Subject, t.Trials))],
            [.. present.Skip(1).Select(t => Ratio.Of(t.Subject, present[0].Trials, t.Trials)).OfType<Ratio>()]);
    }
}
