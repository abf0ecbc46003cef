using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Ingest.Streams;

/// <summary>Shared by all stream listeners, besides <see cref="IngestContext"/>. Its creator ends <see cref="EventLoop"/> last.</summary>
internal sealed record StreamContext(TimeProvider Time, RunningLoops Loops)
{
    /// <summary>Reads all streams.</summary>
    public StreamEventLoop EventLoop { get; } = new(Time, Loops);

    /// <summary>The bound on the unfinished messages of all streams together.</summary>
    public required StreamMemory Memory { get; init; }

    /// <summary>The bound on the connections of all stream listeners together.</summary>
    public required ConnectionAllowance Connections { get; init; }
}
