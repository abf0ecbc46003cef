namespace Concentrator.Queues.Blocks;

/// <summary>Blocks in order, linked through themselves: adding and removing allocate nothing. Not thread-safe.</summary>
internal struct BlockList
{
    private Block? _first;
    private Block? _last;

    /// <summary>Bytes in all its blocks.</summary>
    public long Bytes { get; private set; }

    public readonly bool IsEmpty => _first is null;

    public readonly Block? First => _first;

    public readonly Block? Last => _last;

    /// <summary>Of the first message that is in the log; 0 where none is.</summary>
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
    /// Adds what the block holds to the last block, if that has room and the one follows the other: in the log, or both in no
    /// log. The block itself stays the caller's.
    /// </summary>
    public bool TryGather(Block block)
    {
        if (_last is not { IsReplay: false } last || last.Room < block.Length) return false;

        // What outlives the process is not copied to where it would not; unless a disk has it.
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
    }

    public Block? TakeFirst()
    {
        Block? first = _first;
        if (first is null) return null;
        _first = first.Next;
        if (_first is null) _last = null;
        first.Next = null;
        Bytes -= first.Length;
        return first;
    }

    /// <summary>Puts all of <paramref name="later"/> behind, in its order, and empties it.</summary>
    public void Append(ref BlockList later)
    {
        if (later._first is null) return;
        if (_last is null) _first = later._first;
        else _last.Next = later._first;
        _last = later._last;
        Bytes += later.Bytes;
        later = default;
    }

    /// <summary>Puts all of <paramref name="earlier"/> in front, in its order, and empties it.</summary>
    public void Prepend(ref BlockList earlier)
    {
        if (earlier._first is null) return;
        earlier._last!.Next = _first;
        _first = earlier._first;
        _last ??= earlier._last;
        Bytes += earlier.Bytes;
        earlier = default;
    }
}
