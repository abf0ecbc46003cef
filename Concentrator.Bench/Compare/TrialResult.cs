using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Compare;

/// <summary>What one subject did in one run of one scenario.</summary>
internal sealed record TrialResult
{
    /// <summary>Messages, or requests of a real HAProxy.</summary>
    public required long Offered { get; init; }

    /// <summary>Of them, what a full socket did not take.</summary>
    public required long Dropped { get; init; }

    /// <summary>Different messages that came out at the intake (of the bare loop: that it read).</summary>
    public required long Arrived { get; init; }

    /// <summary>Lines in the file; null for the bare loop.</summary>
    public long? Lines { get; init; }

    /// <summary>From the first message sent to the last.</summary>
    public required TimeSpan SentIn { get; init; }

    /// <summary>From the first message sent to the last that arrived.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>Of the subject.</summary>
    public required ProcessUsage Usage { get; init; }

    /// <summary>From sending to the intake; null for the bare loop, and where nothing is sent.</summary>
    public LatencySummary? Latency { get; init; }

    public long Lost => Math.Max(0, Offered - Arrived);

    public double LostShare => Offered == 0 ? 0 : Lost / (double)Offered;

    /// <summary>Messages a second that the sender brought about.</summary>
    public double OfferedRate => Offered / SentIn.TotalSeconds;

    /// <summary>Messages a second that arrived.</summary>
    public double Rate => Arrived / Took.TotalSeconds;

    /// <summary>Zero where nothing arrived.</summary>
    public double CpuMicrosecondsPerMessage => Arrived == 0 ? 0 : Usage.Cpu.TotalMicroseconds / Arrived;

    public double SwitchesPerMessage => Arrived == 0 ? 0 : Usage.ContextSwitches / (double)Arrived;

    public double CpuMillisecondsPerSecond => Usage.Cpu.TotalMilliseconds / Usage.Elapsed.TotalSeconds;

    public double SwitchesPerSecond => Usage.ContextSwitches / Usage.Elapsed.TotalSeconds;
}
