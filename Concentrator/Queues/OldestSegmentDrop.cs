using Concentrator.Accounting;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Segments;
using Concentrator.Queues.Totals;

namespace Concentrator.Queues;

/// <summary>
/// Drops the oldest segment of a log that is full, with its blocks that are in memory for the relay, and counts their messages. Deleting the
/// file and counting are two steps: what will be counted is written down before the first, so that a kill between them neither forgets the
/// messages nor counts what is delivered after all (<see cref="OutputTotalsFile.ExpectDrop"/>). Blocks that the relay holds are not dropped:
/// it may still deliver them. Only the queue's thread calls.
/// </summary>
internal sealed class OldestSegmentDrop
{
    private readonly SegmentLog _log;
    private readonly ReadAhead _ahead;
    private readonly OutputCounters _counters;
    private readonly BlockDrops _drops;
    private readonly OutputTotalsFile? _totals;
    private readonly Action<long> _whenTaken;
    private BlockList _blocks;

    public OldestSegmentDrop(SegmentLog log, ReadAhead ahead, OutputCounters counters, BlockDrops drops, OutputTotalsFile? totals)
    {
        _log = log;
        _ahead = ahead;
        _counters = counters;
        _drops = drops;
        _totals = totals;
        _whenTaken = TakeBlocks;
    }

    public void Run()
    {
        long lost = _log.DropOldest(_ahead.End, _whenTaken);
        while (_blocks.TakeFirst() is { } block) _drops.Drop(block, DropReason.QueueFullOldest);
        _counters.DropLost(DropReason.QueueFullOldest, lost);
    }

    private void TakeBlocks(long lost)
    {
        long first = _log.FirstSequence;
        long messages = lost;
        _ahead.Continue(null, first);
        while (_ahead.TakeFirstBelow(first) is { } block)
        {
            messages += block.QueuedMessages;
            _blocks.Append(block);
        }
        _totals?.ExpectDrop(first, messages);
    }
}
