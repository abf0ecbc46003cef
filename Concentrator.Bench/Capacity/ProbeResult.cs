using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Capacity;

/// <summary>One rate, tried on one listener with one message size.</summary>
internal sealed record ProbeResult
{
    /// <summary>Messages a second that were asked for.</summary>
    public required double Rate { get; init; }

    /// <summary>Messages a second that the sender really offered.</summary>
    public required double Offered { get; init; }

    public required long Messages { get; init; }

    /// <summary>Lost before the server could read them: at a full unix socket, or in the kernel's UDP queue.</summary>
    public required long LostBefore { get; init; }

    /// <summary>Accepted by the server and not delivered: dropped by an output, or not there in time.</summary>
    public required long LostInside { get; init; }

    /// <summary>Of one processor, 1 = all of it.</summary>
    public required double Cpu { get; init; }

    /// <summary>Bytes, the most that was resident.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>At the intake; null where nothing of this listener is relayed.</summary>
    public LatencySummary? Latency { get; init; }

    /// <summary>Bytes of a frame as it is spooled and relayed; zero where nothing is.</summary>
    public double FrameBytes { get; init; }

    /// <summary>What went wrong besides; null for nothing.</summary>
    public string? Failure { get; init; }

    public long Lost => LostBefore + LostInside;

    public bool Passed => Lost == 0 && Failure is null;

    /// <summary>The sender offered visibly less than it should have: the machine, not the server, is at its end.</summary>
    public bool SenderIsLimit => Offered < Rate * 0.9;

    public double CpuMicrosecondsPerMessage => Messages == 0 || Offered <= 0 ? 0 : Cpu / Offered * 1e6;
}

/// <summary>One listener with one message size: every rate that was tried.</summary>
/// <param name="Listener">Its name in the configuration.</param>
/// <param name="Transport">As addresses begin.</param>
/// <param name="Size">Bytes of a message.</param>
/// <param name="Highest">Messages a second without loss.</param>
/// <param name="Probes">In the order of their rates.</param>
internal sealed record Series(string Listener, string Transport, int Size, double Highest, IReadOnlyList<ProbeResult> Probes)
{
    /// <summary>The probe at the highest rate without loss; null if there is none.</summary>
    public ProbeResult? Best => Probes.LastOrDefault(static probe => probe.Passed);

    /// <summary>The first rate above it that failed; null if there was none.</summary>
    public ProbeResult? FirstFailed => Probes.FirstOrDefault(probe => !probe.Passed && probe.Rate > Highest);
}
