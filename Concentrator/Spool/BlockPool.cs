namespace Concentrator.Spool;

/// <summary>
/// Ordinary blocks that nobody uses now, shared by all outputs. Any thread may call. Beyond <see cref="MaxIdle"/> blocks
/// are left to the collector, so that the memory of a burst is given back.
/// </summary>
internal sealed class BlockPool
{
    /// <summary>4 MB: what both outputs of the HAProxy job use at full speed, with room to spare.</summary>
    private const int MaxIdle = 64;

    private readonly Lock _gate = new();
    private readonly Stack<Block> _idle = new(MaxIdle);

    /// <summary>An empty block with room for at least that many bytes.</summary>
    public Block Rent(int length)
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
        if (!block.IsOrdinary) return;
        block.Clear();
        lock (_gate)
        {
            if (_idle.Count < MaxIdle) _idle.Push(block);
        }
    }
}
