using Concentrator.Queues.Blocks;

namespace Concentrator.Queues;

/// <summary>How <see cref="ReadAhead"/> has taken over a block that was offered to it.</summary>
internal enum HeldAs : byte
{
    /// <summary>Not taken: there is no room, or something older must come first.</summary>
    Not,

    /// <summary>The block itself is held.</summary>
    AsIs,

    /// <summary>The contents were copied into the previous block; the caller recycles this one.</summary>
    Copied,
}

/// <summary>
/// The blocks of a <see cref="DiskQueue"/> that are in memory for the relay: consecutive, in order, starting with the next to be
/// taken; at most <c>capacity</c> bytes plus one block. Small blocks are gathered into full ones, so that the limit also holds
/// when messages arrive one by one. The queue's thread fills it and the relay takes from it; neither waits for the other.
/// <para>
/// For a peer that recognises what it gets twice, blocks of the log stay as they are there (<see cref="KeepsRecords"/>): gathered otherwise after a
/// restart, the same messages would have another name. Then the number of blocks is limited as well.
/// </para>
/// </summary>
internal sealed class ReadAhead(long start, long capacity)
{
    /// <summary>Blocks that may be held whatever the capacity.</summary>
    private const int LeastBlocks = 4;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private BlockList _blocks;
    private long _end = start;
    private bool _consumerIsIdle;
    private bool _keepsRecords = true;
    private Action _wakeConsumer = static () => { };

    public Action WakeConsumer
    {
        set
        {
            lock (_gate) _wakeConsumer = value;
        }
    }

    /// <summary>
    /// Whether a block that is in the log is handed on as it is there. True until the consumer says otherwise, so that nothing is gathered before
    /// it is known who consumes. Any thread.
    /// </summary>
    public bool KeepsRecords
    {
        set
        {
            lock (_gate) _keepsRecords = value;
        }
    }

    /// <summary>The sequence after the last block that is also in the log: from here on, messages are on disk alone.</summary>
    public long End
    {
        get
        {
            lock (_gate) return _end;
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _blocks.IsEmpty;
        }
    }

    /// <summary>As <see cref="DeliveryQueue.HasBlock"/>.</summary>
    public bool HasBlock
    {
        get
        {
            if (!_gate.TryEnter()) return false;
            bool has = !_blocks.IsEmpty;
            _gate.Exit();
            return has;
        }
    }

    public bool IsFull
    {
        get
        {
            lock (_gate) return _blocks.Bytes >= capacity || HasTooMany;
        }
    }

    /// <summary>Whether a block is held that is not on disk: never was, or not any more.</summary>
    /// <param name="first">The first sequence of the log.</param>
    public bool HoldsUnlogged(long first)
    {
        lock (_gate)
        {
            Block? block = _blocks.First;
            while (block is not null && (block.IsReplay || IsLogged(block, first))) block = block.Next;
            return block is not null;
        }
    }

    /// <summary>Whether a block is in the log, of which <paramref name="first"/> is the first sequence. One that was given back may have outlived its segment.</summary>
    public static bool IsLogged(Block block, long first) => block.FirstSequence > 0 && block.FirstSequence + block.Messages > first;

    /// <summary>Takes the next block; <paramref name="isLow"/> is true when so few are left that more should be read.</summary>
    public Block? TryTake(out bool isLow)
    {
        lock (_gate)
        {
            Block? block = _blocks.TakeFirst();
            _consumerIsIdle = block is null;
            isLow = _blocks.Bytes < capacity / 2;
            return block;
        }
    }

    /// <summary>Returns taken blocks to the front.</summary>
    public void GiveBack(ref BlockList blocks)
    {
        lock (_gate) _blocks.Prepend(ref blocks);
    }

    /// <summary>Takes over a block that is in the log, if it is the next one and there is room.</summary>
    public HeldAs TryAppend(Block block)
    {
        lock (_gate)
        {
            if (block.FirstSequence != _end || _blocks.Bytes + block.Length > capacity || HasTooMany) return HeldAs.Not;
            _end += block.Messages;
            return Add(block);
        }
    }

    /// <summary>Takes over a block that is not on disk, if nothing older is on disk alone and there is room below the limit.</summary>
    public HeldAs TryAppendUnlogged(Block block, long logEnd, long limit)
    {
        lock (_gate)
        {
            if (_end < logEnd || _blocks.Bytes + block.Length > limit) return HeldAs.Not;
            return Add(block);
        }
    }

    /// <summary>Appends what was read at the end: a block, or null when all messages below <paramref name="end"/> are gone.</summary>
    public void Continue(Block? block, long end)
    {
        lock (_gate)
        {
            _end = Math.Max(_end, end);
            if (block is not null) _blocks.Append(block);
        }
    }

    /// <summary>
    /// Takes the first block if all its messages are below <paramref name="sequence"/> and it is no replay: the oldest messages are
    /// dropped first when room is needed, wherever they are held.
    /// </summary>
    public Block? TakeFirstBelow(long sequence)
    {
        lock (_gate)
        {
            Block? first = _blocks.First;
            bool isBelow = first is { IsReplay: false, FirstSequence: > 0 } && first.FirstSequence + first.Messages <= sequence;
            return isBelow ? _blocks.TakeFirst() : null;
        }
    }

    private bool HasTooMany => _keepsRecords && _blocks.Count >= Math.Max(capacity / Block.Capacity, LeastBlocks);

    private HeldAs Add(Block block)
    {
        if ((_keepsRecords && block.FirstSequence > 0) || !_blocks.TryGather(block))
        {
            _blocks.Append(block);
            return HeldAs.AsIs;
        }

        // If the previous block survives the process, it does so with the added contents too.
        if (block.FirstSequence == 0) _blocks.Last!.Commit();
        return HeldAs.Copied;
    }

    /// <summary>Wakes the consumer if it waits for a block and there is one.</summary>
    public void WakeIfIdle()
    {
        Action wake;
        lock (_gate)
        {
            if (!_consumerIsIdle || _blocks.IsEmpty) return;
            _consumerIsIdle = false;
            wake = _wakeConsumer;
        }
        wake();
    }

    /// <summary>Wakes the consumer unconditionally.</summary>
    public void Wake()
    {
        Action wake;
        lock (_gate) wake = _wakeConsumer;
        wake();
    }
}
