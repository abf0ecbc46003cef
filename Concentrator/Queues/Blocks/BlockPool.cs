namespace Concentrator.Queues.Blocks;

/// <summary>
/// The unused blocks of one output. Crash-safe blocks serve the front; when they run out, and for blocks read back from disk,
/// plain memory is used. Any thread may call.
/// </summary>
/// <param name="surviving">Blocks that survive the process; null = none.</param>
/// <param name="allocate">Creates a block of that many bytes in plain memory.</param>
internal sealed class BlockPool(CrashSafeBlocks? surviving, Func<int, Block> allocate)
{
    /// <summary>4 MB of plain memory; further blocks are returned to the system, so that a burst does not keep memory.</summary>
    private const int MaxIdle = 64;

    public BlockPool(CrashSafeBlocks? surviving = null) : this(surviving, static capacity => new Block(capacity))
    {
    }

    private readonly Lock _gate = new();
    private readonly Stack<Block> _idle = new(MaxIdle);

    /// <summary>
    /// Rents an empty block of at least <paramref name="length"/> bytes to render into: a crash-safe one, unless all of them are in
    /// use. Null when the system has no memory.
    /// </summary>
    public Block? TryRent(int length)
    {
        if (surviving is not null)
        {
            lock (_gate)
            {
                if (surviving.TryRent(length) is { } block) return block;
            }
        }
        try
        {
            return RentPlain(length);
        }
        catch (MemoryRefusedException)
        {
            return null;
        }
    }

    /// <summary>Rents an empty block of at least <paramref name="length"/> bytes for data that is also held elsewhere.</summary>
    /// <exception cref="MemoryRefusedException">The system has no memory.</exception>
    public Block RentPlain(int length)
    {
        if (length > Block.Capacity) return allocate(length);
        lock (_gate)
        {
            if (_idle.TryPop(out Block? block)) return block;
        }
        return allocate(Block.Capacity);
    }

    public void Return(Block block)
    {
        block.Clear();
        lock (_gate)
        {
            if (block.Survives)
            {
                surviving!.Return(block);
                return;
            }
            if (block.IsOrdinary && _idle.Count < MaxIdle)
            {
                _idle.Push(block);
                return;
            }
        }
        block.Free();
    }

    /// <summary>Records that everything below <paramref name="sequence"/> in the log is delivered; the record survives a kill.</summary>
    public void NoteSettled(long sequence)
    {
        if (surviving is not null) surviving.Settled = sequence;
    }

    /// <summary>The output has ended; what it left in crash-safe memory stays there.</summary>
    public void Close() => surviving?.Close();
}
