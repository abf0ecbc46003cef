using Concentrator.Native;

namespace Concentrator.Queues.Blocks;

/// <summary>
/// A run of ready-to-send bytes: octet-counted frames for a relay, lines for a file. Sending a block copies bytes and looks at no
/// single message. A block has one owner at a time: the queue while the block fills and waits, the target from
/// <see cref="MemoryQueue.TryTake"/> until it recycles the block or gives it back.
/// </summary>
internal sealed class Block
{
    /// <summary>
    /// Bytes of an ordinary block: whole pages, with room for the largest datagram and its header, or about two hundred HAProxy lines.
    /// A longer message gets a block of its own size.
    /// </summary>
    public const int Capacity = 68 * 1024;

    private readonly Memory<byte> _bytes;
    private readonly SharedMapping? _plain;
    private readonly CrashSafeBlocks? _home;

    // Bytes and messages dropped from the front: they precede the first byte still held.
    private int _start;
    private int _gone;

    /// <summary>
    /// Creates a block in plain memory that ends with the process. The memory is not on the garbage-collected heap, which keeps pinned
    /// arrays in regions of 32 MB and returns them late: relaying a long backlog took 100 MB that way.
    /// </summary>
    /// <exception cref="MemoryRefusedException">The system has no memory.</exception>
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

    /// <summary>Creates a block that survives the process from <see cref="Commit"/> to <see cref="Forget"/>.</summary>
    public Block(CrashSafeBlocks home, int unit, Memory<byte> bytes)
    {
        _home = home;
        Unit = unit;
        _bytes = bytes;
    }

    /// <summary>First unit of the block in crash-safe memory, where it has one.</summary>
    public int Unit { get; }

    /// <summary>Whether the contents survive the process.</summary>
    public bool Survives => _home is not null;

    /// <summary>Bytes that the block can hold.</summary>
    public int Size => _bytes.Length;

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>Messages held.</summary>
    public int Messages { get; private set; }

    /// <summary>Sequence number of the first message in the disk log; 0 for a block that is in no log.</summary>
    public long FirstSequence { get; set; }

    /// <summary>
    /// Number of the first message among those that were sent without being in a log (<see cref="BlockIdentity"/>); 0 for a block that is in
    /// a log, or was not sent.
    /// </summary>
    public long FirstSent { get; set; }

    /// <summary>Whether <paramref name="other"/> directly follows this block in the log, or both blocks are in no log.</summary>
    public bool IsFollowedBy(Block other) => other.FirstSequence == (FirstSequence == 0 ? 0 : FirstSequence + Messages);

    /// <summary>The next block in the list that holds this one.</summary>
    public Block? Next { get; set; }

    /// <summary>Whether the block is sent again although it was delivered before, as far as is known; the ledger has counted it.</summary>
    public bool IsReplay { get; set; }

    public int Room => _bytes.Length - _start - Length;

    /// <summary>Number of messages at the front that are counted as delivered, although they may be sent again.</summary>
    public int CountedMessages { get; private set; }

    /// <summary>Bytes of <see cref="CountedMessages"/>.</summary>
    public int CountedBytes { get; private set; }

    /// <summary>Messages held that the ledger counts as queued.</summary>
    public int QueuedMessages => IsReplay ? 0 : Messages - CountedMessages;

    /// <summary>Bytes of <see cref="QueuedMessages"/>.</summary>
    public int QueuedBytes => IsReplay ? 0 : Length - CountedBytes;

    /// <summary>Less than half full: the block was taken while it was being filled, so the consumer has caught up.</summary>
    public bool IsSparse => Room > Length;

    public bool IsOrdinary => _bytes.Length == Capacity;

    public ReadOnlyMemory<byte> Bytes => _bytes.Slice(_start, Length);

    /// <summary>Reserves room for one more message of at most <see cref="Room"/> bytes; the caller fills it at once.</summary>
    public Span<byte> Extend(int length)
    {
        Span<byte> room = _bytes.Span.Slice(_start + Length, length);
        Length += length;
        Messages++;
        return room;
    }

    /// <summary>Appends the contents of another block, which must fit.</summary>
    public void Append(Block other)
    {
        other.Bytes.Span.CopyTo(_bytes.Span[(_start + Length)..]);
        Length += other.Length;
        Messages += other.Messages;
    }

    /// <summary>Marks the first messages and bytes as counted as delivered; both include those that were marked before.</summary>
    public void Count(int messages, int bytes)
    {
        CountedMessages = messages;
        CountedBytes = bytes;
    }

    /// <summary>Drops the first messages and bytes: they are delivered and need not be sent again.</summary>
    public void DropFirst(int messages, int bytes)
    {
        _start += bytes;
        _gone += messages;
        Length -= bytes;
        Messages -= messages;
        CountedMessages = Math.Max(0, CountedMessages - messages);
        CountedBytes = Math.Max(0, CountedBytes - bytes);
        if (FirstSequence > 0) FirstSequence += messages;
        if (FirstSent > 0) FirstSent += messages;
    }

    /// <summary>
    /// Moves the first message, of <paramref name="bytes"/> bytes, into a block of its own in plain memory; this block keeps the others.
    /// The ledger does not change.
    /// </summary>
    public Block SplitFirst(int bytes)
    {
        Block first = new(bytes) { IsReplay = IsReplay, FirstSent = FirstSent };
        Bytes.Span[..bytes].CopyTo(first.Load(bytes, 1, FirstSequence));
        if (CountedMessages > 0) first.Count(1, bytes);
        DropFirst(1, bytes);
        return first;
    }

    /// <summary>Makes the block hold a payload read from disk; the caller fills the returned bytes at once.</summary>
    public Span<byte> Load(int length, int messages, long sequence)
    {
        Span<byte> room = _bytes.Span[..length];
        _start = _gone = 0;
        Length = length;
        Messages = messages;
        FirstSequence = sequence;
        return room;
    }

    /// <summary>Makes everything written so far survive the process.</summary>
    public void Commit() => _home?.Commit(Unit, _start + Length, _gone + Messages);

    /// <summary>Ends crash safety for the contents, which are on disk or in their file now; the block itself does not change.</summary>
    public void Forget() => _home?.Forget(Unit);

    /// <summary>Returns plain memory to the system at once; the block must not be used afterwards.</summary>
    public void Free() => _plain?.Dispose();

    public void Clear()
    {
        Forget();
        FirstSequence = FirstSent = 0;
        IsReplay = false;
        _start = _gone = 0;
        CountedMessages = CountedBytes = 0;
        Length = 0;
        Messages = 0;
        Next = null;
    }
}
