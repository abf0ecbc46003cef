using Concentrator.Queues.Blocks;
using Concentrator.Queues.Segments;

namespace Concentrator.Queues;

/// <summary>
/// How far the delivery of a <see cref="DiskQueue"/> has come, as sequences of its log: the consumer reports it message by message, and the
/// queue's thread tells the log, the checkpoint and the record that survives a kill. Neither waits for the other, and neither holds the
/// <see cref="Accounting.OutputLock"/>: a message leaves the ledger when it is settled, and the log later.
/// </summary>
internal sealed class DeliveryProgress(SegmentLog log, BlockPool pool, SpoolQuota room, DiskTrouble trouble, TimeProvider time)
{
    private readonly ReleaseDelay _delay = new(log.FirstSequence, time);

    // Written by the consumer, read by the thread: everything below it is delivered. Lowered when blocks are given back.
    private long _settledUpTo = log.FirstSequence;

    // Written by the consumer, read by the thread: everything below it has been taken.
    private long _takenUpTo;

    // Owned by the thread.
    private long _releasedUpTo = log.FirstSequence;
    private long _savedUpTo;

    /// <summary>As <see cref="DeliveryQueue.HoldsSettled"/>. Any thread.</summary>
    public TimeSpan HoldsSettled
    {
        set => _delay.Span = value;
    }

    /// <summary>Whether the consumer holds blocks that are not settled.</summary>
    public bool AwaitsSettling => Volatile.Read(ref _takenUpTo) > Volatile.Read(ref _settledUpTo);

    /// <summary>The consumer has taken a block. One that is not on disk does not affect the log; nor does its settling.</summary>
    public void Take(Block block)
    {
        if (block.FirstSequence > 0) Volatile.Write(ref _takenUpTo, block.FirstSequence + block.Messages);
    }

    /// <summary>The consumer has delivered the first messages of a block.</summary>
    public void Settle(Block block, int messages)
    {
        if (block.FirstSequence > 0) Volatile.Write(ref _settledUpTo, block.FirstSequence + messages);
    }

    /// <summary>The consumer gives blocks back: they count as not delivered, in the log too, even if they were settled before.</summary>
    public void GiveBack(in BlockList blocks)
    {
        Volatile.Write(ref _takenUpTo, 0);
        if (blocks.FirstSequence is not (> 0 and long first) || first >= Volatile.Read(ref _settledUpTo)) return;
        Volatile.Write(ref _settledUpTo, first);
        _delay.Lower(first);
    }

    /// <summary>
    /// Releases settled messages with a delay, because a kill or a reset may show that the peer never read the last of them. Releases
    /// at once if room is short or the disk accepts no writes. Only the queue's thread calls.
    /// </summary>
    public void ReleaseSettled()
    {
        bool hasRoom = !trouble.Includes(DiskWork.Storing) && !room.IsShort(log);
        Release(hasRoom ? _delay.Before(ref _settledUpTo) : Volatile.Read(ref _settledUpTo));
    }

    /// <summary>Releases everything that is settled; the queue's thread and its consumer have ended.</summary>
    public void ReleaseAll() => Release(Volatile.Read(ref _settledUpTo));

    /// <summary>Saves the checkpoint. Only the queue's thread calls, or who has ended it.</summary>
    public bool Save() => trouble.Attempt(DiskWork.Checkpoint, log.SaveCheckpoint);

    /// <summary>Saves the checkpoint if something was released since it was saved here, or if that failed. Only the queue's thread calls.</summary>
    public void SaveIfMoved()
    {
        if (_releasedUpTo == _savedUpTo && !trouble.Includes(DiskWork.Checkpoint)) return;
        if (Save()) _savedUpTo = _releasedUpTo;
    }

    private void Release(long upTo)
    {
        _releasedUpTo = upTo;
        log.Release(upTo);
        pool.NoteSettled(upTo);
    }
}
