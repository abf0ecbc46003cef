using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Capacity;

/// <summary>Everything that was found out; <c>report.json</c> is this.</summary>
internal sealed record CapacityReport
{
    public required Machine Machine { get; init; }

    /// <summary>Of the server.</summary>
    public required string Version { get; init; }

    /// <summary>The file's name.</summary>
    public required string Configuration { get; init; }

    /// <summary>Seconds of each probe.</summary>
    public required double ProbeSeconds { get; init; }

    /// <summary>Messages a second that the operator expects; null where he did not say.</summary>
    public double? ExpectedRate { get; init; }

    /// <summary>Bytes, <c>Spool:MaxSize</c>.</summary>
    public required long SpoolSize { get; init; }

    public required int Relays { get; init; }

    /// <summary>Bytes, the sender's SO_SNDBUF as the kernel held it.</summary>
    public required long SendBuffer { get; init; }

    /// <summary>Messages a system call of the sender.</summary>
    public int Batch { get; init; } = 1;

    public required IReadOnlyList<Series> Series { get; init; }

    /// <summary>Listeners that were left out, and why.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }

    /// <summary>What it means, in sentences.</summary>
    public IReadOnlyList<string> Conclusions { get; init; } = [];
}
