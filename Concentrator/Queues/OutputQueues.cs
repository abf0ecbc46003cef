using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.CrashSafe;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;
using Concentrator.Queues.Totals;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Queues;

/// <summary>The queue of one output: messages are rendered into the front, the target takes from the back.</summary>
/// <param name="Front">The queue that messages are rendered into.</param>
/// <param name="Back">The queue that the target takes from.</param>
/// <param name="Counters">Counters of the output, whatever its kind of queue.</param>
/// <param name="Capacity">Returns the bytes that the queue may hold; called by any thread.</param>
internal sealed record OutputQueue(MemoryQueue Front, DeliveryQueue Back, OutputCounters Counters, Func<long> Capacity)
{
    /// <summary>Whether the queue has a disk behind it.</summary>
    public bool IsRelay => Front != Back;

    /// <summary>Makes this the output's current queue in its counters.</summary>
    public void Adopt() => Counters.Become(IsRelay, Capacity);
}

/// <summary>
/// Creates the queue of each output: in memory for a file, with a disk behind it for a relay. One caller at a time.
/// </summary>
internal sealed class OutputQueues(
    SpoolOptions options, CrashSafeMemory memory, WhenFullBarrier backPressure, Ledger ledger, RunningLoops loops, TimeProvider time, ILogger log)
{
    /// <summary>Upper limit of the segment size; segments are at most an eighth of <c>Spool:MaxSize</c>.</summary>
    private const long LargestSegment = 16 * 1024 * 1024;

    private readonly SpoolShares _budget = new(options.MaxSize);
    private readonly DiskFreeSpace _disk = new(options, ledger, log);

    /// <exception cref="SpoolException">The output's spool cannot be used, or the system refuses anything else.</exception>
    public OutputQueue Open(OutputOptions output)
    {
        (SpoolDirectory Directory, SegmentLog Log)? disk = output is RelayOutputOptions ? OpenLog(output.Name) : null;
        try
        {
            return Open(output, disk);
        }
        catch (Exception e)
        {
            disk?.Log.Dispose();
            disk?.Directory.Dispose();
            throw new SpoolException($"Outputs:{output.Name}: cannot create its queue: {e.Message}", e);
        }
    }

    private OutputQueue Open(OutputOptions output, (SpoolDirectory Directory, SegmentLog Log)? disk)
    {
        bool isRelay = output is RelayOutputOptions;
        long memoryLimit = (output as RelayOutputOptions)?.MaxMemory ?? options.MaxMemory;
        OutputCounters counters = ledger.Output(output.Name, isRelay, isRelay ? options.MaxSize : memoryLimit);

        // A file never blocks: a full disk must not delay the intake.
        WhenFull whenFull = !isRelay && options.WhenFull == WhenFull.Block ? WhenFull.DropOldest : options.WhenFull;
        if (isRelay) counters.ExpectWhatWasKept();
        CrashSafeBlocks? surviving = CrashSafeBlocks.Open(memory, output.Name, memoryLimit);
        BlockPool pool = new(surviving);
        MemoryQueue front = new(counters, pool, backPressure, whenFull, memoryLimit, reason => TellFull(reason, onDisk: false));
        long inFront = 0;
        if (surviving is { Left: { Count: > 0 } left })
        {
            inFront = left.Sum(static b => (long)b.Messages);
            log.MemoryRecovered(output.Name, inFront);
            front.Recover(left);
        }
        if (disk is not var (directory, segments)) return new OutputQueue(front, front, counters, () => memoryLimit);

        // After a kill it is newer than the checkpoint. Sequences are never reused unless the log was deleted, which the log detects.
        if (surviving is not null) segments.Release(surviving.Settled);
        pool.NoteSettled(segments.FirstSequence);
        SpoolQuota room = new(_budget, options.WhenFull, backPressure, reason => TellFull(reason, onDisk: true), _disk);
        _disk.CompareWithMaxSize();
        return new OutputQueue(
            front,
            new DiskQueue(output.Name, front, directory, segments, room, options.Durability, counters, pool, loops, time, log, TotalsOf(output, directory), inFront),
            counters, () => Math.Min(_budget.Share, counters.Disk.Bytes + _budget.PartOf(_disk.Room) + memoryLimit));

        void TellFull(DropReason reason, bool onDisk)
        {
            if (reason == DropReason.OutOfMemory)
            {
                log.MemoryRefused(output.Name);
                return;
            }
            counters.Full(onDisk);
            log.QueueFull(output.Name, reason);
        }
    }

    /// <summary>An output that begins to publish to another stream is counted anew.</summary>
    private OutputTotalsFile TotalsOf(OutputOptions output, SpoolDirectory directory)
    {
        string? path = options.Durability == Durability.Memory ? null : Path.Combine(directory.ToString(), OutputTotalsFile.FileName);
        string purpose = output is RelayOutputOptions { Nats.Stream: { } stream } ? $"edge {stream}" : "relay";
        return new OutputTotalsFile(TotalsFile.Open(path, purpose, OutputTotalsFile.Words, time, log));
    }

    private (SpoolDirectory Directory, SegmentLog Log) OpenLog(string output)
    {
        string path = Path.Combine(options.Directory, output);
        SpoolDirectory? directory = null;
        try
        {
            directory = new SpoolDirectory(path);
            SegmentLogOptions size = new()
            {
                SegmentSize = Math.Clamp(options.MaxSize / 8, Block.Capacity * 2, LargestSegment),
                Reserve = _disk.Reserve,
            };
            SegmentLog segments = SegmentLog.Open(directory, size, out RecoveryReport report);
            if (report.Messages > 0 || !report.IsClean) log.SpoolRecovered(output, report.ToString());
            return (directory, segments);
        }
        catch (Exception e) when (e is IOException or SpoolVersionException)
        {
            directory?.Dispose();
            throw new SpoolException($"Spool:Directory: cannot use {path} for output {output}: {e.Message}", e);
        }
    }
}

/// <summary>The spool directory cannot be used; the message is one line for the operator. Exit code 2.</summary>
internal sealed class SpoolException(string message, Exception inner) : Exception(message, inner);
