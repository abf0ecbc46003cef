namespace Concentrator.Spool;

/// <summary>
/// Blocks of one output that nobody uses now. Those that outlive the process are for the front; beyond them, and for what is
/// read back from disk, there is plain memory. Any thread may call.
/// </summary>
internal sealed class BlockPool(FrontBlocks? surviving = null)
{
    /// <summary>4 MB of plain memory; beyond it blocks are given back to the system, so that a burst leaves no trace.</summary>
    private const int MaxIdle = 64;

    private readonly Lock _gate = new();
    private readonly Stack<Block> _idle = new(MaxIdle);

    /// <summary>
    /// An empty block with room for at least that many bytes, to render into: one that outlives the process, unless all of
    /// those are in use, or none is large enough.
    /// </summary>
    public Block Rent(int length)
    {
        if (surviving is not null && length <= Block.Capacity)
        {
            lock (_gate)
            {
                if (surviving.TryRent() is { } block) return block;
            }
        }
        return RentPlain(length);
    }

    /// <summary>An empty block with room for at least that many bytes, for what is somewhere else as well.</summary>
    public Block RentPlain(int length)
    {
        if (length > Block.Capacity) return new Block(length);
        lock (_gate)
        {
            if (_idle.TryPop(out Block? block)) return block;
        }
        return new Block(Block.Capacity);
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
        if (surviving is not null) Volatile.Write(ref surviving.Settled, sequence);
    }

    /// <summary>The output has ended; what it left in memory that outlives the process is kept there.</summary>
    public void Close() => surviving?.Close();
}
