using System.Buffers.Binary;

namespace Concentrator.Taps;

/// <summary>
/// A bounded buffer of records between the threads that receive messages and the thread of one tap. Its memory is allocated once. A record
/// is contiguous: one that does not fit before the buffer's end begins at its start.
/// <para>
/// One writer at a time (the tap's lock sees to that): <see cref="TryReserve"/>, then <see cref="Commit"/>. One reader, which takes no lock:
/// <see cref="TryRead"/>, then <see cref="Release"/>. The writer never waits: it is refused when there is no room.
/// </para>
/// </summary>
/// <param name="capacity">Bytes, a power of two.</param>
internal sealed class TapRing(int capacity)
{
    /// <summary>Before each record: its length, or <see cref="Skip"/>.</summary>
    private const int LengthBytes = 4;

    /// <summary>In place of a length: the rest of the buffer is unused.</summary>
    private const int Skip = -1;

    /// <summary>Records begin at multiples of it, so that a length always fits before the end.</summary>
    private const int Alignment = 8;

    private readonly byte[] _buffer = new byte[capacity];

    // Positions count bytes since the start and never decrease; modulo the capacity they are offsets.
    private long _written;
    private long _read;

    // The writer's: where the reserved record begins and ends.
    private long _reserved;
    private long _end;

    // The reader's: where the record that it reads ends.
    private long _next;

    /// <summary>The longest record that an empty buffer takes wherever its position is.</summary>
    public int Longest => (capacity / 2) - LengthBytes - Alignment;

    /// <summary>Room for a record of exactly that length, which the reader sees after <see cref="Commit"/>. False if there is none now.</summary>
    public bool TryReserve(int length, out Span<byte> record)
    {
        record = default;
        if (length > Longest) return false;
        int whole = Whole(length);
        int offset = Offset(_written);
        int toEnd = capacity - offset;
        int skipped = whole > toEnd ? toEnd : 0;
        if (_written + skipped + whole - Volatile.Read(ref _read) > capacity) return false;
        if (skipped > 0) BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(offset), Skip);
        _reserved = _written + skipped;
        _end = _reserved + whole;
        int start = Offset(_reserved);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(start), length);
        record = _buffer.AsSpan(start + LengthBytes, length);
        return true;
    }

    /// <summary>The reserved record is filled.</summary>
    public void Commit() => Volatile.Write(ref _written, _end);

    /// <summary>The oldest record, valid until <see cref="Release"/>; false if there is none.</summary>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        record = default;
        long at = _read;
        long written = Volatile.Read(ref _written);
        if (at == written) return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(Offset(at)));
        if (length == Skip)
        {
            at += capacity - Offset(at);
            length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(Offset(at)));
        }
        record = _buffer.AsSpan(Offset(at) + LengthBytes, length);
        _next = at + Whole(length);
        return true;
    }

    /// <summary>Gives the room of the record that was read back to the writer.</summary>
    public void Release() => Volatile.Write(ref _read, _next);

    private static int Whole(int length) => (length + LengthBytes + Alignment - 1) & -Alignment;

    private int Offset(long position) => (int)(position & (capacity - 1));
}
