namespace Concentrator.Queues.Blocks;

/// <summary>An intrusive linked list of blocks, in order: adding and removing allocate nothing. Not thread-safe.</summary>
internal struct BlockList
{
    private Block? _first;
    private Block? _last;

    /// <summary>Bytes of all blocks.</summary>
    public long Bytes { get; private set; }

    /// <summary>Number of blocks.</summary>
    public int Count { get; private set; }

    public readonly bool IsEmpty => _first is null;

    public readonly Block? First => _first;

    public readonly Block? Last => _last;

    /// <summary>Sequence number of the first message that is in the log; 0 when none is.</summary>
    public readonly long FirstSequence
    {
        get
        {
            Block? block = _first;
            while (block is { FirstSequence: 0 }) block = block.Next;
            return block?.FirstSequence ?? 0;
        }
    }

    /// <summary>
    /// Appends the contents of the block to the last block, if there is room and the block follows it in the log, or both are in no
    /// log. The caller keeps the block itself.
    /// </summary>
    public bool TryGather(Block block)
    {
        if (_last is not { IsReplay: false } last || last.Room < block.Length) return false;

        // What was sent under a name keeps it, and the name is that of its contents.
        if (last.FirstSent > 0) return false;

        // Contents that survive the process are not copied into a block that does not, unless they are on disk.
        if (block is { Survives: true, FirstSequence: 0 } && !last.Survives) return false;
        if (!last.IsFollowedBy(block)) return false;
        last.Append(block);
        Bytes += block.Length;
        return true;
    }

    public void Append(Block block)
    {
        block.Next = null;
        if (_last is null) _first = block;
        else _last.Next = block;
        _last = block;
        Bytes += block.Length;
        Count++;
    }

    public Block? TakeFirst()
    {
        Block? first = _first;
        if (first is null) return null;
        _first = first.Next;
        if (_first is null) _last = null;
        first.Next = null;
        Bytes -= first.Length;
        Count--;
        return first;
    }

    /// <summary>Appends all blocks of <paramref name="later"/> in order, and empties it.</summary>
    public void Append(ref BlockList later)
    {
        if (later._first is null) return;
        if (_last is null) _first = later._first;
        else _last.Next = later._first;
        _last = later._last;
        Bytes += later.Bytes;
        Count += later.Count;
        later = default;
    }

    /// <summary>Prepends all blocks of <paramref name="earlier"/> in order, and empties it.</summary>
    public void Prepend(ref BlockList earlier)
    {
        if (earlier._first is null) return;
        earlier._last!.Next = _first;
        _first = earlier._first;
        _last ??= earlier._last;
        Bytes += earlier.Bytes;
        Count += earlier.Count;
        earlier = default;
    }
}
