using Concentrator.Accounting;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Segments;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Queues;

/// <summary>
/// The reading half of a <see cref="DiskQueue"/>: reads blocks back from the log into the <see cref="ReadAhead"/> of a relay that is behind.
/// Only the queue's thread calls, with no lock held.
/// </summary>
internal sealed class SpoolReader(
    string output, SegmentLog log, ReadAhead ahead, OutputCounters counters, BlockPool pool, DiskTrouble trouble, LoopHeartbeat mark, ILogger logger)
{
    private readonly Func<int, Block> _rent = pool.RentPlain;
    private SegmentLogCursor _cursor;
    private long _cursorAt = -1;
    private long _lostCounted;
    private bool _pauses;

    /// <summary>Reads again after a failure: called once per housekeeping.</summary>
    public void TryAgain() => _pauses = false;

    /// <summary>Reads one block ahead if the relay is behind and memory has room. False when there is nothing to read.</summary>
    public bool FetchMore()
    {
        long from = ahead.End;
        if (from >= log.NextSequence) trouble.Works(DiskWork.Reading);
        if (_pauses || from >= log.NextSequence || ahead.IsFull) return false;
        if (_cursorAt != from) _cursor = log.CursorAt(from);
        try
        {
            bool found;
            Block? block;
            using (mark.While(LoopWait.Disk)) found = log.TryRead(ref _cursor, _rent, out block);
            long lost = log.LostMessages;
            counters.DropLost(DropReason.SpoolCorrupt, lost - _lostCounted);
            _lostCounted = lost;
            _cursorAt = found ? block!.FirstSequence + block.Messages : _cursor.Sequence;
            if (found && block!.FirstSequence < from) LeaveOut(block, (int)(from - block.FirstSequence));
            ahead.Continue(block, _cursorAt);
        }
        catch (MemoryRefusedException)
        {
            // Nothing is lost: the block is read from disk once memory is available again.
            _pauses = true;
            logger.SpoolNotRead(output);
            return false;
        }
        catch (IOException e)
        {
            // The log treats a place that keeps failing as damaged, so the disk must first have time to recover.
            _pauses = true;
            trouble.Fails(DiskWork.Reading, e.Message);
            return false;
        }
        trouble.Works(DiskWork.Reading);
        ahead.WakeIfIdle();
        return true;
    }

    /// <summary>Removes the first messages of a block, which were delivered before: they are neither counted nor sent again.</summary>
    private static void LeaveOut(Block block, int messages)
    {
        int bytes = BlockFrames.First(block.Bytes.Span, int.MaxValue, messages, out int found);
        if (found == messages) block.DropFirst(messages, bytes);
        else block.Count(messages, bytes);
    }
}
