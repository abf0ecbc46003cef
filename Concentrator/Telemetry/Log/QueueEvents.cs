using Concentrator.Accounting;
using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>Log events of the outputs' queues, their spools, and the memory that outlives a kill (ids 500 to 599).</summary>
internal static partial class QueueEvents
{
    [LoggerMessage(510, LogLevel.Information, "spool of {Output}: {Found}")]
    public static partial void SpoolRecovered(this ILogger log, string output, string found);

    [LoggerMessage(511, LogLevel.Error,
        "spool of {Output} cannot be written: {Reason}; holding up to {Limit:N0} bytes in memory until it can")]
    public static partial void SpoolCannotBeWritten(this ILogger log, string output, string reason, long limit);

    [LoggerMessage(512, LogLevel.Information, "spool of {Output}: writing resumed after {Outage}")]
    public static partial void SpoolResumed(this ILogger log, string output, TimeSpan outage);

    [LoggerMessage(513, LogLevel.Information, "spool of {Output}: {Count} messages kept on disk for the next start")]
    public static partial void SpoolKept(this ILogger log, string output, long count);

    /// <param name="log">The logger.</param>
    /// <param name="path">Directory of the spool.</param>
    /// <param name="maxSize">The configured size.</param>
    /// <param name="wanted">Bytes that the spool may still grow by.</param>
    /// <param name="free">Free bytes on the file system.</param>
    /// <param name="right">A size that fits, in the form of the configuration.</param>
    [LoggerMessage(514, LogLevel.Warning,
        "Spool:MaxSize is {MaxSize}, but the file system of {Path} has only {Free:N0} bytes free of the {Wanted:N0} that the spool may "
        + "still need: free disk space, or set Spool:MaxSize to {Right}")]
    public static partial void SpoolLargerThanDisk(this ILogger log, string path, string maxSize, long wanted, long free, string right);

    [LoggerMessage(515, LogLevel.Warning,
        "the file system of {Path} has only {Free:N0} bytes free; the last {Reserve:N0} are reserved for other programs, so the spool does not grow and "
        + "new messages are held in memory")]
    public static partial void SpoolSpaceLow(this ILogger log, string path, long free, long reserve);

    [LoggerMessage(516, LogLevel.Information, "the file system of {Path} has {Free:N0} bytes free again: the spool can grow")]
    public static partial void SpoolSpaceRegained(this ILogger log, string path, long free);

    [LoggerMessage(517, LogLevel.Error, "spool of {Output}: out of memory to read it; the messages stay on disk")]
    public static partial void SpoolNotRead(this ILogger log, string output);

    [LoggerMessage(518, LogLevel.Warning, "the totals in {Path} begin anew, because {Reason}: the ledger of the cluster keeps what was counted before under another id")]
    public static partial void TotalsBeginAnew(this ILogger log, string path, string reason);

    [LoggerMessage(519, LogLevel.Warning, "no totals can be kept in {Path}: {Reason}; they are counted from the start of this process")]
    public static partial void TotalsEndWithProcess(this ILogger log, string path, string reason);

    [LoggerMessage(520, LogLevel.Warning,
        "no crash-safe memory for {Place}: {Reason}; a kill -9 would lose the messages in memory")]
    public static partial void MemoryEndsWithProcess(this ILogger log, string place, string reason);

    [LoggerMessage(521, LogLevel.Information, "{Name} is from a different boot of this machine and is ignored")]
    public static partial void MemoryOfAnotherBoot(this ILogger log, string name);

    [LoggerMessage(522, LogLevel.Information, "output {Output}: recovered {Count} messages from a killed process, delivering them first")]
    public static partial void MemoryRecovered(this ILogger log, string output, long count);

    [LoggerMessage(523, LogLevel.Information, "listener {Listener}: recovered {Count} datagrams from a killed process, processing them first")]
    public static partial void DatagramsRecovered(this ILogger log, string listener, int count);

    [LoggerMessage(500, LogLevel.Error, "output {Output}: queue full, dropping messages ({Reason})")]
    private static partial void QueueFullDropping(this ILogger log, string output, string reason);

    /// <summary>Logged once when dropping begins; <c>concentrator_output_dropped_messages_total</c> keeps counting.</summary>
    public static void QueueFull(this ILogger log, string output, DropReason reason) => log.QueueFullDropping(output, reason.Label());

    /// <summary>Logged once when it begins; <c>concentrator_output_dropped_messages_total</c> keeps counting.</summary>
    [LoggerMessage(503, LogLevel.Error,
        "output {Output}: out of memory, dropping messages (out_of_memory); lower MaxMemory, or raise "
        + "the memory limit")]
    public static partial void MemoryRefused(this ILogger log, string output);

    [LoggerMessage(502, LogLevel.Warning, "output {Output}: {Count} undelivered messages dropped ({Reason})")]
    private static partial void UndeliveredDropped(this ILogger log, string output, long count, string reason);

    /// <summary>Messages left over by a stop or a removed output.</summary>
    public static void Undelivered(this ILogger log, string output, long count, DropReason reason) =>
        log.UndeliveredDropped(output, count, reason.Label());
}
