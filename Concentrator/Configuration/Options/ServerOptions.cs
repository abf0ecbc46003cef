using Concentrator.Native;

namespace Concentrator.Configuration.Options;

/// <summary>A whole, valid configuration: every name it mentions exists, every value is in range. Immutable.</summary>
internal sealed record ServerOptions
{
    public required IReadOnlyList<ListenerOptions> Listeners { get; init; }

    public required IReadOnlyList<OutputOptions> Outputs { get; init; }

    /// <summary>The routes, in the order in which they are tried.</summary>
    public required IReadOnlyList<RouteOptions> Routes { get; init; }

    public SpoolOptions Spool { get; init; } = new();

    /// <summary>The status pages; null = none.</summary>
    public MonitoringOptions? Monitoring { get; init; } = MonitoringOptions.Default;

    /// <summary>Where counters of <see cref="ListenerOptions"/> and outputs are sent as messages; null = nowhere.</summary>
    public StatisticsOptions? Statistics { get; init; }

    /// <summary>Where metrics are pushed; null = nowhere.</summary>
    public OtlpOptions? Otlp { get; init; }

    public StreamOptions Streams { get; init; } = new();

    /// <summary>How long a clean stop may take to deliver what is queued.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The keys and certificates that the configuration names, in the order in which they were read. All were readable.</summary>
    public IReadOnlyList<NamedFile> Files { get; init; } = [];

    /// <summary>Warnings to log at start, one line each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Messages about the server itself, in the form of rsyslog's impstats (an intake with <c>stats: true</c>).</summary>
/// <param name="Interval">Time between two reports.</param>
/// <param name="To">Names of outputs; never empty.</param>
internal sealed record StatisticsOptions(TimeSpan Interval, IReadOnlyList<string> To)
{
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(5);
}

/// <summary>Limits on the streams of all listeners together.</summary>
internal sealed record StreamOptions
{
    /// <summary>Bytes for unfinished messages. Default 128 MB, or a quarter of the control group's limit if that is less.</summary>
    public long MaxMemory { get; init; } = Default;

    private static long Default { get; } = Math.Max(LeastMemory, Math.Min(128L * LeastMemory, (ControlGroup.MemoryLimit() ?? long.MaxValue) / 4));

    /// <summary>Bytes: the smallest value that can be configured.</summary>
    public const long LeastMemory = 1024 * 1024;
}

/// <summary>What happens to a message whose output has no room left (configuration key <c>Spool.WhenFull</c>).</summary>
internal enum WhenFull : byte
{
    /// <summary>The oldest queued block of that output is dropped and counted.</summary>
    DropOldest,

    /// <summary>The new message is dropped and counted.</summary>
    DropNewest,

    /// <summary>Nothing is dropped here: back-pressure stops streams, and datagram sockets fill up in the kernel. Relays only.</summary>
    Block,
}

/// <summary>What must survive a crash (configuration key <c>Spool.Durability</c>).</summary>
internal enum Durability : byte
{
    Memory,
    Process,
    Power,
}

/// <summary>The queue between reception and delivery.</summary>
internal sealed record SpoolOptions
{
    public const string DefaultDirectory = "/var/spool/concentrator";

    public string Directory { get; init; } = DefaultDirectory;

    /// <summary>Bytes on disk, all outputs together.</summary>
    public long MaxSize { get; init; } = 5L * 1024 * 1024 * 1024;

    /// <summary>Bytes of messages held in memory for one output.</summary>
    public long MaxMemory { get; init; } = 64L * 1024 * 1024;

    public Durability Durability { get; init; } = Durability.Process;

    public WhenFull WhenFull { get; init; } = WhenFull.DropOldest;
}
