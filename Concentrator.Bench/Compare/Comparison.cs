using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Compare;

/// <summary>One subject's results in one scenario, over all runs.</summary>
internal sealed record Standing
{
    public required string Subject { get; init; }

    /// <summary>Messages per second that the sender offered.</summary>
    public required Sample OfferedRate { get; init; }

    /// <summary>Messages per second that arrived.</summary>
    public required Sample Rate { get; init; }

    public required Sample CpuMicroseconds { get; init; }

    /// <summary>Context switches per message.</summary>
    public required Sample Switches { get; init; }

    public required Sample CpuMillisecondsPerSecond { get; init; }

    public required Sample SwitchesPerSecond { get; init; }

    /// <summary>Resident memory at the end, in bytes.</summary>
    public required Sample Memory { get; init; }

    /// <summary>Peak resident memory, in bytes.</summary>
    public required Sample PeakMemory { get; init; }

    /// <summary>The share of lost messages, 0 to 1.</summary>
    public required Sample Lost { get; init; }

    /// <summary>Messages that a full socket did not accept.</summary>
    public required Sample Dropped { get; init; }

    /// <summary>The share of arrived messages that are missing in the file; null when no file is written.</summary>
    public Sample? FileLost { get; init; }

    /// <summary>In milliseconds; null for a subject that does not relay.</summary>
    public Sample? P50 { get; init; }

    public Sample? P99 { get; init; }

    public Sample? P999 { get; init; }

    /// <summary>The single runs, in order.</summary>
    public required IReadOnlyList<TrialResult> Trials { get; init; }

    /// <param name="trials">At least one run.</param>
    public static Standing Of(string subject, IReadOnlyList<TrialResult> trials)
    {
        Sample Over(Func<TrialResult, double> value) => Sample.Of(trials.Select(value));
        Sample? OverLatency(Func<LatencySummary, double> value) =>
            trials.Any(static t => t.Latency is null) ? null : Over(t => value(t.Latency!));
        return new Standing
        {
            Subject = subject,
            OfferedRate = Over(static t => t.OfferedRate),
            Rate = Over(static t => t.Rate),
            CpuMicroseconds = Over(static t => t.CpuMicrosecondsPerMessage),
            Switches = Over(static t => t.SwitchesPerMessage),
            CpuMillisecondsPerSecond = Over(static t => t.CpuMillisecondsPerSecond),
            SwitchesPerSecond = Over(static t => t.SwitchesPerSecond),
            Memory = Over(static t => t.Usage.Memory),
            PeakMemory = Over(static t => t.Usage.PeakMemory),
            Lost = Over(static t => t.LostShare),
            Dropped = Over(static t => t.Dropped),
            FileLost = trials[0].Lines is null ? null : Over(static t => Math.Max(0, t.Arrived - t.Lines!.Value)),
            P50 = OverLatency(static l => l.P50),
            P99 = OverLatency(static l => l.P99),
            P999 = OverLatency(static l => l.P999),
            Trials = trials,
        };
    }
}

/// <summary>One subject compared with another. Ratios are computed per run, so that other load on the machine affects both sides.</summary>
/// <remarks>Values are null when the other subject used nothing, or nothing is sent.</remarks>
/// <param name="Rate">Above 1: the first has the higher rate.</param>
/// <param name="Cpu">Below 1: less CPU per message or, when nothing is sent, per second.</param>
/// <param name="Switches">Below 1: fewer context switches per message, or per second.</param>
/// <param name="Memory">Below 1: a lower peak.</param>
internal sealed record Ratio(string Subject, string Against, Sample? Rate, Sample? Cpu, Sample? Switches, Sample? Memory)
{
    /// <summary>Null when one of them has no results to compare.</summary>
    public static Ratio? Of(Standing subject, Standing against, bool isIdle)
    {
        (TrialResult First, TrialResult Other)[] pairs =
        [
            .. subject.Trials.Zip(against.Trials).Where(p => isIdle || (p.First.Arrived > 0 && p.Second.Arrived > 0)),
        ];
        Sample? Over(Func<TrialResult, double> value) =>
            pairs.Any(p => value(p.Other) <= 0) ? null : Sample.Of(pairs.Select(p => value(p.First) / value(p.Other)));
        return pairs.Length == 0 ? null : new Ratio(
            subject.Subject,
            against.Subject,
            isIdle ? null : Over(static t => t.Rate),
            isIdle ? Over(static t => t.CpuMillisecondsPerSecond) : Over(static t => t.CpuMicrosecondsPerMessage),
            isIdle ? Over(static t => t.SwitchesPerSecond) : Over(static t => t.SwitchesPerMessage),
            Over(static t => t.Usage.PeakMemory));
    }
}

/// <summary>The comparison of one scenario.</summary>
/// <param name="AskedRate">Messages per second; null when the receiver sets the rate, or nothing is sent.</param>
internal sealed record ScenarioReport(
    string Name, string Title, double? AskedRate, bool IsIdle, bool IsRealHaproxy, IReadOnlyList<Standing> Standings, IReadOnlyList<Ratio> Ratios)
{
    /// <param name="trials">The runs in order, by subject, the servers first.</param>
    public static ScenarioReport Of(Scenario scenario, IReadOnlyList<(Subject Subject, IReadOnlyList<TrialResult> Trials)> trials)
    {
        (Subject Subject, Standing Standing)[] present =
            [.. trials.Where(static t => t.Trials.Count > 0).Select(static t => (t.Subject, Standing.Of(t.Subject.Name, t.Trials)))];
        return new ScenarioReport(
            scenario.Name, scenario.Title, scenario.IsFlood ? null : scenario.Rate?.To, scenario.IsIdle, scenario.IsRealHaproxy, [.. present.Select(static p => p.Standing)],
            [.. Pairs(present).Select(pair => Ratio.Of(pair.Subject, pair.Against, scenario.IsIdle)).OfType<Ratio>()]);
    }

    /// <summary>Pairs each server with each other program, and the first server with the other servers.</summary>
    private static IEnumerable<(Standing Subject, Standing Against)> Pairs((Subject Subject, Standing Standing)[] present)
    {
        for (int first = 0; first < present.Length && present[first].Subject is ConcentratorSubject; first++)
        {
            foreach ((Subject subject, Standing standing) in present[(first + 1)..])
            {
                if (first == 0 || subject is not ConcentratorSubject) yield return (present[first].Standing, standing);
            }
        }
    }
}
