namespace Concentrator.Queues.Blocks;

/// <summary>
/// Blocks of one output that nobody uses now. Those that outlive the process are for the front; beyond them, and for what is
/// read back from disk, there is plain memory. Any thread may call.
/// </summary>
/// <param name="surviving">Those that outlive the process; null = none.</param>
/// <param name="allocate">Makes a block in plain memory of that many bytes.</param>
internal sealed class BlockPool(CrashSafeBlocks? surviving, Func<int, Block> allocate)
{
    /// <summary>4 MB of plain memory; beyond it blocks are given back to the system, so that a burst leaves no trace.</summary>
    private const int MaxIdle = 64;

    public BlockPool(CrashSafeBlocks? surviving = null) : this(surviving, static capacity => new Block(capacity))
    {
    }

    private readonly Lock _gate = new();
    private readonly Stack<Block> _idle = new(MaxIdle);

    /// <summary>
    /// An empty block with room for at least that many bytes, to render into: one that outlives the process, unless all of
    /// those are in use. Null when the system has no memory.
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

    /// <summary>An empty block with room for at least that many bytes, for what is somewhere else as well.</summary>
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

    /// <summary>Everything below that sequence of the log is delivered: noted where a kill does not undo it.</summary>
    public void NoteSettled(long sequence)
    {
        if (surviving is not null) surviving.Settled = sequence;
    }

    /// <summary>The output has ended; what it left in memory that outlives the process is kept there.</summary>
    public void Close() => surviving?.Close();
}
