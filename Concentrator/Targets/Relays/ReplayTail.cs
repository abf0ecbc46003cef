using Concentrator.Queues;
using Concentrator.Queues.Blocks;

namespace Concentrator.Targets.Relays;

/// <summary>
/// The messages that the peer's TCP stack acknowledged last, kept for a while: those that its program had not yet read are lost
/// when the program dies, and the reset that follows shows it (a close after reading everything is a FIN). Small
/// blocks are gathered into full ones, so the tail never uses more memory than its limit. Owned by the relay's loop.
/// </summary>
internal sealed class ReplayTail(TimeSpan span, DeliveryQueue queue, TimeProvider time)
{
    /// <summary>8 MB of blocks: more than a receive buffer holds on any host whose tcp_rmem was not raised beyond it.</summary>
    private const int MaxBlocks = 8 * 1024 * 1024 / Block.Capacity;

    /// <summary>How long small blocks are gathered into the same one: this much more than asked for may be sent again.</summary>
    private static readonly TimeSpan GatherFor = TimeSpan.FromSeconds(0.5);

    private readonly Queue<Entry> _entries = new();
    private Entry? _gathering;

    private sealed class Entry(Block block, long begunAt)
    {
        public Block Block { get; } = block;

        public long BegunAt { get; } = begunAt;

        public long SettledAt { get; set; } = begunAt;
    }

    /// <summary>Takes over a block that has just been settled.</summary>
    public void Add(Block block)
    {
        long now = time.GetTimestamp();
        if (span == TimeSpan.Zero)
        {
            queue.Recycle(block);
            return;
        }
        if (_gathering is { } open && open.Block.Room >= block.Length && time.GetElapsedTime(open.BegunAt, now) < GatherFor && open.Block.IsFollowedBy(block))
        {
            open.Block.Append(block);
            open.SettledAt = now;
            queue.Recycle(block);
        }
        else
        {
            _gathering = new Entry(block, now);
            _entries.Enqueue(_gathering);
        }
        while (_entries.Count > MaxBlocks || time.GetElapsedTime(_entries.Peek().SettledAt, now) > span) queue.Recycle(_entries.Dequeue().Block);
    }

    /// <summary>
    /// Everything that was settled within the tail's span before <paramref name="reference"/> (a timestamp), marked as replay,
    /// in order, for sending again; the tail is empty afterwards.
    /// </summary>
    public BlockList TakeAll(long reference, out long messages) => TakeSince(reference, span, out messages);

    /// <summary>As <see cref="TakeAll"/> for a span before <paramref name="reference"/>, and up to a block's worth before that.</summary>
    public BlockList TakeSince(long reference, TimeSpan before, out long messages)
    {
        BlockList blocks = default;
        messages = 0;
        while (_entries.TryDequeue(out Entry? entry))
        {
            if (time.GetElapsedTime(entry.SettledAt, reference) > before)
            {
                queue.Recycle(entry.Block);
                continue;
            }
            entry.Block.IsReplay = true;
            messages += entry.Block.Messages;
            blocks.Append(entry.Block);
        }
        _gathering = null;
        return blocks;
    }

    /// <summary>Empties the tail: the peer has read everything.</summary>
    public void Clear()
    {
        while (_entries.TryDequeue(out Entry? entry)) queue.Recycle(entry.Block);
        _gathering = null;
    }
}
