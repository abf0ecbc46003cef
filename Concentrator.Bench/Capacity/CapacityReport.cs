using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Capacity;

/// <summary>The results of a capacity run; serialized as <c>report.json</c>.</summary>
internal sealed record CapacityReport
{
    public required Machine Machine { get; init; }

    /// <summary>The server's version.</summary>
    public required string Version { get; init; }

    /// <summary>The name of the configuration file.</summary>
    public required string Configuration { get; init; }

    /// <summary>The duration of each probe in seconds.</summary>
    public required double ProbeSeconds { get; init; }

    /// <summary>The rate that the operator expects, in messages per second; null when not given.</summary>
    public double? ExpectedRate { get; init; }

    /// <summary><c>Spool:MaxSize</c> in bytes.</summary>
    public required long SpoolSize { get; init; }

    public required int Relays { get; init; }

    /// <summary>The sender's SO_SNDBUF in bytes, as the kernel holds it.</summary>
    public required long SendBuffer { get; init; }

    /// <summary>Messages per system call of the sender.</summary>
    public int Batch { get; init; } = 1;

    public required IReadOnlyList<Series> Series { get; init; }

    /// <summary>Listeners that were skipped, with the reason.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }

    /// <summary>Null without <c>--nats</c>.</summary>
    public ScaleOut? ScaleOut { get; init; }

    /// <summary>The conclusions, in sentences.</summary>
    public IReadOnlyList<string> Conclusions { get; init; } = [];
}
