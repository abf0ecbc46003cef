using Concentrator.Accounting;
using Concentrator.Queues.Blocks;

namespace Concentrator.Queues;

/// <summary>Drops blocks of a <see cref="DiskQueue"/>. Only the queue's thread calls, or who has ended it, with no lock held.</summary>
internal sealed class BlockDrops(OutputCounters counters, BlockPool pool)
{
    /// <summary>
    /// Drops a block, which is in no list, and counts it. Returns the number of dropped messages. At shutdown, crash-safe
    /// blocks are kept, not dropped; one that the log has, or had, is not there any more.
    /// </summary>
    public long Drop(Block block, DropReason reason)
    {
        if (reason == DropReason.Shutdown && block is { Survives: true, FirstSequence: 0 }) return 0;
        long messages = block.QueuedMessages;
        if (messages > 0)
        {
            using (counters.Gate.Enter()) counters.DropUnsynchronized(reason, messages, block.QueuedBytes, isNumbered: block.FirstSequence > 0);
        }
        pool.Return(block);
        return messages;
    }
}
