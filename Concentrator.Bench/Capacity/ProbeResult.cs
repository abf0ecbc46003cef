using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Capacity;

/// <summary>The result of one rate on one listener with one message size.</summary>
internal sealed record ProbeResult
{
    /// <summary>The requested rate in messages per second.</summary>
    public required double Rate { get; init; }

    /// <summary>The rate that the sender achieved, in messages per second.</summary>
    public required double Offered { get; init; }

    public required long Messages { get; init; }

    /// <summary>Messages lost before the server could read them: at a full unix socket, or in the kernel's UDP queue.</summary>
    public required long LostBefore { get; init; }

    /// <summary>Messages that the server accepted and did not deliver: dropped by an output, or late.</summary>
    public required long LostInside { get; init; }

    /// <summary>CPU use as a share of one processor, 1 = all of it.</summary>
    public required double Cpu { get; init; }

    /// <summary>The same for the servers of a cluster together; null without one.</summary>
    public double? ClusterCpu { get; init; }

    /// <summary>The same for a relay behind it; null without one.</summary>
    public double? RelayCpu { get; init; }

    /// <summary>Peak resident memory in bytes.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>The latency at the intake; null when nothing of this listener is relayed.</summary>
    public LatencySummary? Latency { get; init; }

    /// <summary>Bytes per frame as spooled and relayed; zero when nothing is.</summary>
    public double FrameBytes { get; init; }

    /// <summary>Any other fault; null for none.</summary>
    public string? Failure { get; init; }

    public long Lost => LostBefore + LostInside;

    public bool Passed => Lost == 0 && Failure is null;

    /// <summary>Whether the sender offered clearly less than requested: the machine is the limit, not the server.</summary>
    public bool SenderIsLimit => Offered < Rate * 0.9;

    public double CpuMicrosecondsPerMessage => Messages == 0 || Offered <= 0 ? 0 : Cpu / Offered * 1e6;
}

/// <summary>All probed rates of one listener with one message size.</summary>
/// <param name="Listener">The listener's name in the configuration.</param>
/// <param name="Transport">The transport's name, as in an address.</param>
/// <param name="Size">The message size in bytes.</param>
/// <param name="Highest">The highest rate without loss, in messages per second.</param>
/// <param name="Probes">The probes, ordered by rate.</param>
internal sealed record Series(string Listener, string Transport, int Size, double Highest, IReadOnlyList<ProbeResult> Probes)
{
    /// <summary>The probe at the highest rate without loss; null if there is none.</summary>
    public ProbeResult? Best => Probes.LastOrDefault(static probe => probe.Passed);

    /// <summary>The first failed rate above it; null if there was none.</summary>
    public ProbeResult? FirstFailed => Probes.FirstOrDefault(probe => !probe.Passed && probe.Rate > Highest);
}
