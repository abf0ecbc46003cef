using Concentrator.Native;

namespace Concentrator.Queues.Blocks;

/// <summary>
/// A run of ready-to-send bytes: octet-counted frames for a relay, lines for a file. Sending a block is moving bytes;
/// no message is looked at again. Owned by one party at a time: the spool while it fills and queues, the target from
/// <see cref="MemoryQueue.TryTake"/> until it recycles or gives back.
/// </summary>
internal sealed class Block
{
    /// <summary>
    /// Bytes of an ordinary block: room for the largest datagram with its header, about two hundred HAProxy lines, whole
    /// pages. A longer message gets a block of its own size.
    /// </summary>
    public const int Capacity = 68 * 1024;

    private readonly Memory<byte> _bytes;
    private readonly SharedMapping? _plain;
    private readonly CrashSafeBlocks? _home;

    // What was dropped from its front: it lies before the first byte still held.
    private int _start;
    private int _gone;

    /// <summary>
    /// A block in plain memory: it ends with the process. Not on the collector's heap, which keeps pinned arrays in regions of
    /// 32 MB and gives them back late: relaying a long backlog took 100 MB that way.
    /// </summary>
    /// <exception cref="MemoryRefusedException">The system has none.</exception>
    public Block(int capacity)
    {
        try
        {
            _plain = SharedMapping.Plain(capacity);
        }
        catch (IOException e)
        {
            throw new MemoryRefusedException(e.Message);
        }
        _bytes = _plain.Slice(0, capacity);
    }

    /// <summary>A block that outlives the process from <see cref="Commit"/> to <see cref="Forget"/>.</summary>
    public Block(CrashSafeBlocks home, int unit, Memory<byte> bytes)
    {
        _home = home;
        Unit = unit;
        _bytes = bytes;
    }

    /// <summary>Its place in the memory that outlives the process, where it has one.</summary>
    public int Unit { get; }

    /// <summary>Whether what it holds outlives the process.</summary>
    public bool Survives => _home is not null;

    /// <summary>Bytes that it may hold.</summary>
    public int Size => _bytes.Length;

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>Messages held.</summary>
    public int Messages { get; private set; }

    /// <summary>Number of the first message in the disk log; 0 for a block that is in no log.</summary>
    public long FirstSequence { get; set; }

    /// <summary>Whether the messages of that block come next behind this one's: in the log, or both blocks are in none.</summary>
    public bool IsFollowedBy(Block other) => other.FirstSequence == (FirstSequence == 0 ? 0 : FirstSequence + Messages);

    /// <summary>The block behind this one in whatever list holds it.</summary>
    public Block? Next { get; set; }

    /// <summary>It was delivered before, as far as anyone can know, and is sent once more: the ledger has counted it.</summary>
    public bool IsReplay { get; set; }

    public int Room => _bytes.Length - _start - Length;

    /// <summary>Of the messages held, the first so many are counted as delivered, although they may be sent once more.</summary>
    public int CountedMessages { get; private set; }

    /// <summary>Bytes of those.</summary>
    public int CountedBytes { get; private set; }

    /// <summary>Messages held that the ledger has as queued.</summary>
    public int QueuedMessages => IsReplay ? 0 : Messages - CountedMessages;

    /// <summary>Bytes of those.</summary>
    public int QueuedBytes => IsReplay ? 0 : Length - CountedBytes;

    /// <summary>Not even half full: it was taken while it was still being filled, so who took it has caught up.</summary>
    public bool IsSparse => Room > Length;

    public bool IsOrdinary => _bytes.Length == Capacity;

    public ReadOnlyMemory<byte> Bytes => _bytes.Slice(_start, Length);

    /// <summary>Room for one more message, to be filled by the caller at once; at most <see cref="Room"/> bytes.</summary>
    public Span<byte> Extend(int length)
    {
        Span<byte> room = _bytes.Span.Slice(_start + Length, length);
        Length += length;
        Messages++;
        return room;
    }

    /// <summary>Adds the contents of another block, which fit.</summary>
    public void Append(Block other)
    {
        other.Bytes.Span.CopyTo(_bytes.Span[(_start + Length)..]);
        Length += other.Length;
        Messages += other.Messages;
    }

    /// <summary>The first so many of its messages and bytes are counted as delivered: all those counted before are among them.</summary>
    public void Count(int messages, int bytes)
    {
        CountedMessages = messages;
        CountedBytes = bytes;
    }

    /// <summary>The first so many of its messages and bytes are held no more: they are delivered, and need not be sent again.</summary>
    public void DropFirst(int messages, int bytes)
    {
        _start += bytes;
        _gone += messages;
        Length -= bytes;
        Messages -= messages;
        CountedMessages = Math.Max(0, CountedMessages - messages);
        CountedBytes = Math.Max(0, CountedBytes - bytes);
        if (FirstSequence > 0) FirstSequence += messages;
    }

    /// <summary>
    /// Its first message, of that many bytes, as a block of its own in plain memory; this block holds the others. In the ledger
    /// nothing changes.
    /// </summary>
    public Block SplitFirst(int bytes)
    {
        Block first = new(bytes) { IsReplay = IsReplay };
        Bytes.Span[..bytes].CopyTo(first.Load(bytes, 1, FirstSequence));
        if (CountedMessages > 0) first.Count(1, bytes);
        DropFirst(1, bytes);
        return first;
    }

    /// <summary>Makes the block hold a payload that was read from disk; the caller fills the returned bytes at once.</summary>
    public Span<byte> Load(int length, int messages, long sequence)
    {
        Span<byte> room = _bytes.Span[..length];
        _start = _gone = 0;
        Length = length;
        Messages = messages;
        FirstSequence = sequence;
        return room;
    }

    /// <summary>What was written into it up to now is to outlive the process.</summary>
    public void Commit() => _home?.Commit(Unit, _start + Length, _gone + Messages);

    /// <summary>What it holds is on disk or in its file now; the block itself stays as it is.</summary>
    public void Forget() => _home?.Forget(Unit);

    /// <summary>Gives plain memory back to the system at once; nobody may look at the block again.</summary>
    public void Free() => _plain?.Dispose();

    public void Clear()
    {
        Forget();
        FirstSequence = 0;
        IsReplay = false;
        _start = _gone = 0;
        CountedMessages = CountedBytes = 0;
        Length = 0;
        Messages = 0;
        Next = null;
    }
}
