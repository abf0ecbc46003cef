using Concentrator.Queues.Blocks;

namespace Concentrator.Targets.Relays;

/// <summary>
/// Blocks in flight: written and not yet known to have arrived, in order, each with its start and end position
/// as the connection counts. Part of the first one may have arrived. Owned by the relay's loop. A ring of fixed size: adding
/// allocates nothing.
/// </summary>
/// <param name="countsMessages">Whether positions count messages; otherwise they count bytes of blocks.</param>
internal sealed class UnacknowledgedWindow(bool countsMessages)
{
    /// <summary>Limit of blocks in flight: one block every 0.3 ms over a path of 40 ms.</summary>
    private const int Size = 128;

    /// <summary>Limit of bytes in flight: the size of Linux's largest send buffer; at 1 Gbit/s that is a path of 32 ms.</summary>
    private const long MostBytes = 4 * 1024 * 1024;

    private readonly (Block Block, long Start, long End)[] _entries = new (Block, long, long)[Size];
    private int _first;
    private int _count;
    private long _bytes;

    // The part of the first block that is known to have arrived.
    private int _partMessages;
    private int _partBytes;

    public bool IsEmpty => _count == 0;

    public bool IsFull => _count == Size || _bytes >= MostBytes;

    /// <summary>Messages in all blocks that are not known to have arrived.</summary>
    public long Messages => _messages - _partMessages;

    private long _messages;

    /// <summary>Adds a block that begins at <paramref name="start"/>; <see cref="Close"/> sets its end.</summary>
    public void Add(Block block, long start)
    {
        _entries[(_first + _count) % Size] = (block, start, long.MaxValue);
        _count++;
        _messages += block.Messages;
        _bytes += block.Length;
    }

    /// <summary>The block added last is written, and ends at <paramref name="end"/>.</summary>
    public void Close(long end) => _entries[(_first + _count - 1) % Size].End = end;

    /// <summary>Takes the oldest block if the peer has acknowledged all of it; otherwise null.</summary>
    public Block? TakeAcknowledged(long acknowledged)
    {
        if (_count == 0 || _entries[_first].End > acknowledged) return null;
        return TakeFirst();
    }

    /// <summary>
    /// Returns the oldest block if more of it has arrived than at the last call, and how much in all: never the whole block. Null
    /// when nothing more has.
    /// </summary>
    public Block? FindPart(long acknowledged, out int messages, out int bytes)
    {
        messages = _partMessages;
        bytes = _partBytes;
        if (_count == 0) return null;
        Block block = _entries[_first].Block;
        Measure(block, acknowledged - _entries[_first].Start, ref messages, ref bytes);
        if (messages == _partMessages) return null;
        (_partMessages, _partBytes) = (messages, bytes);
        return block;
    }

    /// <summary>
    /// Takes everything in the window, in order, for sending again, except what had arrived (and <see cref="FindPart"/> has reported)
    /// when the peer had acknowledged <paramref name="acknowledged"/>.
    /// </summary>
    public BlockList TakeAll(long acknowledged)
    {
        if (_count > 0)
        {
            int messages = 0;
            int bytes = 0;
            (Block block, long start, _) = _entries[_first];
            Measure(block, acknowledged - start, ref messages, ref bytes);

            // What FindPart has not reported as arrived has not been settled.
            if (messages > _partMessages) (messages, bytes) = (_partMessages, _partBytes);
            _messages -= messages;
            _bytes -= bytes;
            block.DropFirst(messages, bytes);
        }
        BlockList blocks = default;
        while (_count > 0) blocks.Append(TakeFirst());
        return blocks;
    }

    /// <summary>
    /// Takes the oldest message that has not arrived, alone; the caller has settled those before it, and <see cref="FindPart"/> has reported them.
    /// </summary>
    public Block TakeFirstMessage()
    {
        DropPart();
        Block block = _entries[_first].Block;
        if (block.Messages == 1) return TakeFirst();
        int length = BlockFrames.LengthOf(block.Bytes.Span);
        _entries[_first].Start++;
        _messages--;
        _bytes -= length;
        return block.SplitFirst(length);
    }

    /// <summary>Calls <paramref name="visit"/> with the position and the frame of every message that has not arrived, in order.</summary>
    public void Visit(Action<long, ReadOnlySpan<byte>> visit)
    {
        int gone = _partMessages, bytes = _partBytes;
        for (int i = 0; i < _count; i++)
        {
            (Block block, long position, _) = _entries[(_first + i) % Size];
            position += gone;
            for (ReadOnlySpan<byte> rest = block.Bytes.Span[bytes..]; !rest.IsEmpty; position++)
            {
                int length = BlockFrames.LengthOf(rest);
                visit(position, rest[..length]);
                rest = rest[length..];
            }
            gone = bytes = 0;
        }
    }

    /// <summary>Drops what has arrived of the oldest block.</summary>
    private void DropPart()
    {
        _messages -= _partMessages;
        _bytes -= _partBytes;
        _entries[_first].Block.DropFirst(_partMessages, _partBytes);
        _entries[_first].Start += _partMessages;
        _partMessages = _partBytes = 0;
    }

    private void Measure(Block block, long arrived, ref int messages, ref int bytes)
    {
        if (arrived <= 0) return;
        int mostBytes = countsMessages ? int.MaxValue : (int)Math.Min(int.MaxValue, arrived) - bytes;
        int mostFrames = (countsMessages ? (int)Math.Min(int.MaxValue, arrived) : int.MaxValue) - messages;
        bytes += BlockFrames.First(block.Bytes.Span[bytes..], mostBytes, Math.Min(mostFrames, block.Messages - 1 - messages), out int more);
        messages += more;
    }

    private Block TakeFirst()
    {
        Block block = _entries[_first].Block;
        _entries[_first] = default;
        _first = (_first + 1) % Size;
        _count--;
        _messages -= block.Messages;
        _bytes -= block.Length;
        _partMessages = _partBytes = 0;
        return block;
    }
}
