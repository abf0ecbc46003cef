using System.Diagnostics;
using Concentrator.Accounting;
using Concentrator.Accounting.HAProxyTraffic;

namespace Concentrator.Telemetry.Metrics;

/// <summary>Everything that one scrape shows, read once: each listener and each output balances.</summary>
internal sealed record MetricSnapshot
{
    private static readonly double StartTime = ReadStartTime();

    public required IReadOnlyList<ListenerSnapshot> Listeners { get; init; }

    public required IReadOnlyList<OutputSnapshot> Outputs { get; init; }

    /// <summary>What lines of HAProxy have said, for each listener that has had one.</summary>
    public IReadOnlyList<(string Listener, TrafficSnapshot Traffic)> Traffic { get; init; } = [];

    /// <inheritdoc cref="Ledger.SpoolFreeBytes"/>
    public long? SpoolFreeBytes { get; init; }

    /// <inheritdoc cref="Ledger.DroppedLogLines"/>
    public long DroppedLogLines { get; init; }

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentMemory { get; init; }

    /// <summary>User and system time of all threads, in seconds.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>Start of the process, in seconds since 1970.</summary>
    public double StartTimeSeconds { get; init; }

    /// <summary>Number of open file descriptors; null if <c>/proc</c> cannot be read.</summary>
    public long? OpenFileDescriptors { get; init; }

    /// <summary>Collections so far by generation: of exactly that generation.</summary>
    public required IReadOnlyList<long> GarbageCollections { get; init; }

    /// <summary>Bytes allocated so far by all threads.</summary>
    public long AllocatedBytes { get; init; }

    public static MetricSnapshot Take(Ledger ledger) => Take(ledger, ledger.Listeners());

    private static MetricSnapshot Take(Ledger ledger, IReadOnlyList<ListenerSnapshot> listeners) => new()
    {
        Listeners = listeners,
        Traffic =
        [
            .. from listener in listeners
               let traffic = listener.Insight?.Read()
               where traffic is not null
               select (listener.Name, traffic),
        ],
        Outputs = ledger.Outputs(),
        SpoolFreeBytes = ledger.SpoolFreeBytes,
        DroppedLogLines = ledger.DroppedLogLines,
        ResidentMemory = Environment.WorkingSet,
        CpuSeconds = Environment.CpuUsage.TotalTime.TotalSeconds,
        StartTimeSeconds = StartTime,
        GarbageCollections =
        [
            GC.CollectionCount(0) - GC.CollectionCount(1), GC.CollectionCount(1) - GC.CollectionCount(2), GC.CollectionCount(2),
        ],
        AllocatedBytes = GC.GetTotalAllocatedBytes(),
        OpenFileDescriptors = CountOpenFileDescriptors(),
    };

    private static double ReadStartTime()
    {
        using Process self = Process.GetCurrentProcess();
        return (self.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }

    private static long? CountOpenFileDescriptors()
    {
        try
        {
            // One of them is the file descriptor that reads the directory.
            return Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount() - 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No file descriptors left, or no /proc in this container: the scrape continues without this series.
            return null;
        }
    }
}
