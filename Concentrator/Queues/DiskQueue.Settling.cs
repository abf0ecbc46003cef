using Concentrator.Native;
using Concentrator.Queues.Blocks;

namespace Concentrator.Queues;

/// <summary>Tracks how far delivery has come: reported by the consumer message by message, and recorded for the log.</summary>
internal sealed partial class DiskQueue
{
    public override TimeSpan HoldsSettled
    {
        set => _past.Span = value;
    }

    /// <summary>Blocks that are given back count as not delivered, in the log too, even if they were settled before.</summary>
    public override void GiveBack(ref BlockList blocks)
    {
        Volatile.Write(ref _takenUpTo, 0);
        if (blocks.FirstSequence is > 0 and long first && first < Volatile.Read(ref _settledUpTo))
        {
            Volatile.Write(ref _settledUpTo, first);
            _past.Lower(first);
        }
        _ahead.GiveBack(ref blocks);
    }

    public override void Settle(Block block)
    {
        if (!block.IsReplay)
        {
            using (_counters.Gate.Enter()) _counters.DeliverUnsynchronized(block.QueuedMessages, block.QueuedBytes);
            CrashPoint.Reach("acknowledged");
            block.Forget();
        }
        NoteSettled(block, block.Messages);
    }

    public override void SettleFirst(Block block, int messages, int bytes)
    {
        if (!block.IsReplay)
        {
            if (messages <= block.CountedMessages) return;
            using (_counters.Gate.Enter()) _counters.DeliverUnsynchronized(messages - block.CountedMessages, bytes - block.CountedBytes);
            block.Count(messages, bytes);
        }
        NoteSettled(block, messages);
    }

    public override void Refuse(Block block)
    {
        using (_counters.Gate.Enter()) _counters.RefuseUnsynchronized(block.QueuedMessages, block.QueuedBytes, block.Messages - block.QueuedMessages);
        NoteSettled(block, block.Messages);
    }

    public override string? RefusedDirectory => _directory is null ? null : RefusedMessages.DirectoryOf(_directory.ToString());

    /// <summary>A block that is not on disk does not affect the log.</summary>
    private void NoteSettled(Block block, int messages)
    {
        if (block.FirstSequence > 0) Volatile.Write(ref _settledUpTo, block.FirstSequence + messages);
        if (_waitsForRoom) Wake();
    }

    /// <summary>
    /// Releases settled messages with a delay, because a kill or a reset may show that the peer never read the last of them. Releases
    /// at once if room is short or the disk accepts no writes.
    /// </summary>
    private void ReleaseSettled()
    {
        bool hasRoom = !_trouble.Includes(DiskWork.Storing) && !_room.IsShort(_log);
        Release(hasRoom ? _past.Before(ref _settledUpTo) : Volatile.Read(ref _settledUpTo));
    }

    private void Release(long upTo)
    {
        _releasedUpTo = upTo;
        _log.Release(upTo);
        _pool.NoteSettled(upTo);
    }

    /// <summary>Removes the first messages of a block, which were delivered before: they are neither counted nor sent again.</summary>
    private static void LeaveOut(Block block, int messages)
    {
        int bytes = BlockFrames.First(block.Bytes.Span, int.MaxValue, messages, out int found);
        if (found == messages) block.DropFirst(messages, bytes);
        else block.Count(messages, bytes);
    }
}
