namespace Concentrator.Queues.Blocks;

/// <summary>
/// The blocks that wait in a <see cref="MemoryQueue"/>, in the order in which they were begun: full ones, and at the end the one being
/// filled, if it has not been taken. Not thread-safe: the queue's lock (<see cref="Accounting.OutputLock"/>) is held.
/// </summary>
internal struct WaitingBlocks
{
    private BlockList _full;
    private Block? _filling;

    public readonly bool IsEmpty => _filling is null && _full.IsEmpty;

    /// <summary>Bytes of the full blocks.</summary>
    public readonly long FullBytes => _full.Bytes;

    /// <summary>Whether the block being filled has room for that many bytes; false when there is none.</summary>
    public readonly bool HasRoom(int length) => _filling is { } block && block.Room >= length;

    /// <summary>Step 6 of the journey: the block being filled joins the full ones, and an empty one takes its place.</summary>
    public void Begin(Block next)
    {
        if (_filling is not null) _full.Append(_filling);
        _filling = next;
    }

    /// <summary>Reserves room in the block being filled, which has it.</summary>
    public readonly Span<byte> Extend(int length) => _filling!.Extend(length);

    /// <summary>As <see cref="Block.Commit"/>, for the block being filled.</summary>
    public readonly void Commit() => _filling!.Commit();

    public void AppendFull(Block block) => _full.Append(block);

    /// <summary>Returns blocks to the front, in order.</summary>
    public void Prepend(ref BlockList blocks) => _full.Prepend(ref blocks);

    /// <summary>Takes the oldest full block; null when there is none.</summary>
    public Block? TakeFull() => _full.TakeFirst();

    /// <summary>Takes the oldest block; the one being filled if there is no other.</summary>
    public Block? TakeOldest()
    {
        if (_full.TakeFirst() is { } full) return full;
        Block? block = _filling;
        _filling = null;
        return block;
    }
}
