using System.Net;
using Concentrator.Native;

namespace Concentrator.Configuration.Options;

/// <summary>A whole, valid configuration: every name it mentions exists, every value is in range. Immutable.</summary>
internal sealed record ServerOptions
{
    /// <summary>Of <see cref="Monitoring"/>.</summary>
    public static readonly IPEndPoint DefaultMonitoring = new(IPAddress.Loopback, 9514);

    public required IReadOnlyList<ListenerOptions> Listeners { get; init; }

    public required IReadOnlyList<OutputOptions> Outputs { get; init; }

    /// <summary>In the order in which they are tried.</summary>
    public required IReadOnlyList<RouteOptions> Routes { get; init; }

    public SpoolOptions Spool { get; init; } = new();

    /// <summary>Where <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c> are served; null = nowhere.</summary>
    public IPEndPoint? Monitoring { get; init; } = DefaultMonitoring;

    /// <summary>Where the counters of <see cref="ListenerOptions"/> and outputs are sent as messages; null = nowhere.</summary>
    public StatisticsOptions? Statistics { get; init; }

    public StreamOptions Streams { get; init; } = new();

    /// <summary>How long a clean stop may take to deliver what is queued. Default 10 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The keys and certificates that the configuration names, in the order in which they were read; all could be.</summary>
    public IReadOnlyList<NamedFile> Files { get; init; } = [];

    /// <summary>Things worth a warning at start that are not errors, one line each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Messages about the server itself, in the shape of rsyslog's impstats (an intake with <c>stats: true</c>).</summary>
/// <param name="Interval">Between two reports. Default 5 min.</param>
/// <param name="To">Names of outputs; never empty.</param>
internal sealed record StatisticsOptions(TimeSpan Interval, IReadOnlyList<string> To)
{
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(5);
}

/// <summary>What holds for the streams of all listeners together.</summary>
internal sealed record StreamOptions
{
    /// <summary>Bytes that unfinished messages may take. Default 128 MB, or a quarter of the control group's limit where that is less.</summary>
    public long MaxMemory { get; init; } = Default;

    private static long Default { get; } = Math.Max(LeastMemory, Math.Min(128L * LeastMemory, (ControlGroup.MemoryLimit() ?? long.MaxValue) / 4));

    /// <summary>The least that can be configured.</summary>
    public const long LeastMemory = 1024 * 1024;
}

/// <summary>What happens to a message whose output has no room left (configuration key <c>Spool.WhenFull</c>).</summary>
internal enum WhenFull : byte
{
    /// <summary>The oldest queued block of that output is dropped and counted.</summary>
    DropOldest,

    /// <summary>The new message is dropped and counted.</summary>
    DropNewest,

    /// <summary>Nobody drops: streams are back-pressured and datagram sockets fill, in the kernel. Relays only.</summary>
    Block,
}

/// <summary>How much a crash may cost (configuration key <c>Spool.Durability</c>).</summary>
internal enum Durability : byte
{
    Memory,
    Process,
    Power,
}

/// <summary>The queue between reception and delivery.</summary>
internal sealed record SpoolOptions
{
    public string Directory { get; init; } = "/var/spool/concentrator";

    /// <summary>Bytes on disk, all outputs together. Default 5 GB.</summary>
    public long MaxSize { get; init; } = 5L * 1024 * 1024 * 1024;

    /// <summary>Bytes of messages held in memory for one output. Default 64 MB.</summary>
    public long MaxMemory { get; init; } = 64L * 1024 * 1024;

    public Durability Durability { get; init; } = Durability.Process;

    public WhenFull WhenFull { get; init; } = WhenFull.DropOldest;
}
