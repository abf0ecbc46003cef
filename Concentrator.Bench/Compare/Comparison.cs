using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Compare;

/// <summary>One subject in one scenario, over all runs.</summary>
internal sealed record Standing
{
    public required string Subject { get; init; }

    /// <summary>Messages a second that the sender brought about.</summary>
    public required Sample OfferedRate { get; init; }

    /// <summary>Messages a second that arrived.</summary>
    public required Sample Rate { get; init; }

    public required Sample CpuMicroseconds { get; init; }

    /// <summary>A message.</summary>
    public required Sample Switches { get; init; }

    public required Sample CpuMillisecondsPerSecond { get; init; }

    public required Sample SwitchesPerSecond { get; init; }

    /// <summary>Bytes resident at the end.</summary>
    public required Sample Memory { get; init; }

    /// <summary>Bytes.</summary>
    public required Sample PeakMemory { get; init; }

    /// <summary>0 to 1.</summary>
    public required Sample Lost { get; init; }

    /// <summary>Messages that a full socket did not take.</summary>
    public required Sample Dropped { get; init; }

    /// <summary>Lines missing in the file, of all messages that arrived; null where no file is written.</summary>
    public Sample? FileLost { get; init; }

    /// <summary>Milliseconds; null for what does not relay.</summary>
    public Sample? P50 { get; init; }

    public Sample? P99 { get; init; }

    public Sample? P999 { get; init; }

    /// <summary>As they were, in the order of the runs.</summary>
    public required IReadOnlyList<TrialResult> Trials { get; init; }

    /// <param name="trials">At least one.</param>
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

/// <summary>One subject against another: each run's own ratio, so that what the machine did meanwhile touches both.</summary>
/// <remarks>Null where the other has used nothing, or nothing is sent.</remarks>
/// <param name="Rate">The first's share of the other's: above 1 it carries more.</param>
/// <param name="Cpu">Below 1: it costs less a message, or, where nothing is sent, a second.</param>
/// <param name="Switches">Below 1: fewer context switches a message, or a second.</param>
/// <param name="Memory">Below 1: its peak is lower.</param>
internal sealed record Ratio(string Subject, string Against, Sample? Rate, Sample? Cpu, Sample? Switches, Sample? Memory)
{
    /// <summary>Null where one of them has brought nothing to compare.</summary>
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

/// <summary>One scenario, compared.</summary>
/// <param name="AskedRate">Messages a second; null where the rate is the receiver's own, or nothing is sent.</param>
internal sealed record ScenarioReport(
    string Name, string Title, double? AskedRate, bool IsIdle, bool IsRealHaproxy, IReadOnlyList<Standing> Standings, IReadOnlyList<Ratio> Ratios)
{
    /// <param name="trials">By subject, the servers first; in the order of the runs.</param>
    public static ScenarioReport Of(Scenario scenario, IReadOnlyList<(Subject Subject, IReadOnlyList<TrialResult> Trials)> trials)
    {
        (Subject Subject, Standing Standing)[] present =
            [.. trials.Where(static t => t.Trials.Count > 0).Select(static t => (t.Subject, Standing.Of(t.Subject.Name, t.Trials)))];
        return new ScenarioReport(
            scenario.Name, scenario.Title, scenario.IsFlood ? null : scenario.Rate?.To, scenario.IsIdle, scenario.IsRealHaproxy, [.. present.Select(static p => p.Standing)],
            [.. Pairs(present).Select(pair => Ratio.Of(pair.Subject, pair.Against, scenario.IsIdle)).OfType<Ratio>()]);
    }

    /// <summary>Each server against each other program, and the first server against the other servers.</summary>
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
