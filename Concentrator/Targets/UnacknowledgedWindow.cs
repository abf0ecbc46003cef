using Concentrator.Spool;

namespace Concentrator.Targets;

/// <summary>
/// Blocks that were written and are not yet known to have arrived, in order, each with the position at which it ends, as the
/// connection counts. Owned by the relay's loop. A ring of fixed size: adding allocates nothing.
/// </summary>
internal sealed class UnacknowledgedWindow
{
    /// <summary>Blocks in flight: one block every 0.3 ms over a path of 40 ms.</summary>
    private const int Size = 128;

    /// <summary>Bytes in flight: as much as Linux's largest send buffer holds; at 1 Gbit/s that is a path of 32 ms.</summary>
    private const long MostBytes = 4 * 1024 * 1024;

    private readonly (Block Block, long End)[] _entries = new (Block, long)[Size];
    private int _first;
    private int _count;
    private long _bytes;

    public bool IsEmpty => _count == 0;

    public bool IsFull => _count == Size || _bytes >= MostBytes;

    /// <summary>Messages in all its blocks.</summary>
    public long Messages { get; private set; }

    /// <summary>A block that ends at <paramref name="end"/>.</summary>
    public void Add(Block block, long end)
    {
        _entries[(_first + _count) % Size] = (block, end);
        _count++;
        Messages += block.Messages;
        _bytes += block.Length;
    }

    /// <summary>The oldest block, if the peer has acknowledged all of it.</summary>
    public Block? TakeAcknowledged(long acknowledged)
    {
        if (_count == 0 || _entries[_first].End > acknowledged) return null;
        return TakeFirst();
    }

    /// <summary>Everything in the window, in order, for sending again.</summary>
    public BlockList TakeAll()
    {
        BlockList blocks = default;
        while (_count > 0) blocks.Append(TakeFirst());
        return blocks;
    }

    private Block TakeFirst()
    {
        Block block = _entries[_first].Block;
        _entries[_first] = default;
        _first = (_first + 1) % Size;
        _count--;
        Messages -= block.Messages;
        _bytes -= block.Length;
        return block;
    }
}
