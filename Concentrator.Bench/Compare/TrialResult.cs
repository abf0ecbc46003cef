using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Compare;

/// <summary>The result of one subject in one run of one scenario.</summary>
internal sealed record TrialResult
{
    /// <summary>Messages sent, or requests to a real HAProxy.</summary>
    public required long Offered { get; init; }

    /// <summary>Those of them that a full socket did not accept.</summary>
    public required long Dropped { get; init; }

    /// <summary>Distinct messages that arrived at the intake, or that the bare loop read.</summary>
    public required long Arrived { get; init; }

    /// <summary>Lines in the file; null for the bare loop.</summary>
    public long? Lines { get; init; }

    /// <summary>The time from the first message sent to the last one sent.</summary>
    public required TimeSpan SentIn { get; init; }

    /// <summary>The time from the first message sent to the last one that arrived.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>The subject's resource usage.</summary>
    public required ProcessUsage Usage { get; init; }

    /// <summary>From sending to the intake; null for the bare loop, and when nothing is sent.</summary>
    public LatencySummary? Latency { get; init; }

    public long Lost => Math.Max(0, Offered - Arrived);

    public double LostShare => Offered == 0 ? 0 : Lost / (double)Offered;

    /// <summary>Messages per second that the sender offered.</summary>
    public double OfferedRate => Offered / SentIn.TotalSeconds;

    /// <summary>Messages per second that arrived.</summary>
    public double Rate => Arrived / Took.TotalSeconds;

    /// <summary>Zero when nothing arrived.</summary>
    public double CpuMicrosecondsPerMessage => Arrived == 0 ? 0 : Usage.Cpu.TotalMicroseconds / Arrived;

    public double SwitchesPerMessage => Arrived == 0 ? 0 : Usage.ContextSwitches / (double)Arrived;

    public double CpuMillisecondsPerSecond => Usage.Cpu.TotalMilliseconds / Usage.Elapsed.TotalSeconds;

    public double SwitchesPerSecond => Usage.ContextSwitches / Usage.Elapsed.TotalSeconds;
}
