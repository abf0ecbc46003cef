using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Ingest.Streams;

/// <summary>What all stream listeners share, besides <see cref="IngestContext"/>. Whoever made it ends <see cref="Rounds"/>, after the last of them.</summary>
internal sealed record StreamContext(TimeProvider Time, RunningLoops Loops)
{
    /// <summary>On whose thread streams are read.</summary>
    public StreamRounds Rounds { get; } = new(Time, Loops);

    /// <summary>What unfinished messages of all streams may take together.</summary>
    public required StreamMemory Memory { get; init; }

    /// <summary>How many connections all stream listeners may hold.</summary>
    public required ConnectionAllowance Connections { get; init; }
}
