using System.Diagnostics.CodeAnalysis;
using Concentrator.Bytes;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>Reads in order, skipping damage.</summary>
internal sealed partial class SegmentLog
{
    /// <summary>
    /// Consecutive failed reads at one place before it is treated as damaged. A relay's queue tries once a second, so a disk that
    /// is away for less than ten seconds causes no loss, and a bad place delays what follows it for no longer.
    /// </summary>
    public const int PatienceWithReading = 10;

    /// <summary>
    /// Returns the position of the block that holds a sequence, or of the next one that is held. Any sequence is valid: one that is no
    /// longer held means the first that is. Reads nothing.
    /// </summary>
    public SegmentLogCursor CursorAt(long sequence) => new() { Sequence = Math.Max(sequence, FirstSequence) };

    /// <summary>
    /// Reads the next block in order, verifies its checksum, and moves the cursor past it. Damage on the way is skipped and
    /// counted (<see cref="LostMessages"/>). False when nothing more is appended.
    /// </summary>
    /// <param name="cursor">Moved past what was read or skipped.</param>
    /// <param name="rent">Returns an empty block of at least that many bytes. Not called when there is nothing to read.</param>
    /// <param name="block">Owned by the caller; it may begin before the sequence that the cursor was created for.</param>
    /// <exception cref="IOException">
    /// The disk failed to read. Try again: after <see cref="PatienceWithReading"/> failures the place is treated as damaged.
    /// </exception>
    public bool TryRead(ref SegmentLogCursor cursor, Func<int, Block> rent, [NotNullWhen(true)] out Block? block)
    {
        lock (_reading)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            block = null;
            while (EnterSegment(ref cursor, out long end, out long most) is { } segment)
            {
                try
                {
                    if (TryReadHere(segment, end, most, ref cursor, rent, ref block)) return true;
                }
                catch (IOException) when (IsGone(segment))
                {
                    // Delivered or dropped meanwhile: reading continues with what is held.
                }
                catch (IOException)
                {
                    cursor.Failures++;
                    throw;
                }
                finally
                {
                    Leave(segment);
                }
            }
            block = null;
            return false;
        }
    }

    /// <summary>One step: true when a block was read, false when something was skipped.</summary>
    private bool TryReadHere(
        Segment segment, long end, long most, ref SegmentLogCursor cursor, Func<int, Block> rent, [NotNullWhen(true)] ref Block? block)
    {
        _finder.PassUnreadable = cursor.Failures >= PatienceWithReading;
        if (!TryUse(segment, out ISpoolFile? file)
            || !_finder.TryFind(file, segment.Tag, cursor.Offset, end, cursor.Expected, most, out long at, out BlockHeader header))
        {
            CountLost(Math.Max(cursor.Sequence, cursor.Expected), most);
            cursor.Sequence = most;
            return false;
        }

        bool isWanted = header.EndSequence > cursor.Sequence;
        bool isSound = TryLoad(file, at, header, rent, ref block);
        // An unsound block may be left from before a crash, with a sound block written over the rest of it; so unwanted blocks are checked
        // too. What is lost with it shows when the next sound block, or the end, is reached.
        cursor.Offset = isSound ? at + header.TotalLength : at + 1;
        cursor.Failures = 0;
        if (!isSound) return false;

        CountLost(Math.Max(cursor.Sequence, cursor.Expected), header.FirstSequence);
        cursor.Expected = header.EndSequence;
        if (!isWanted) return false;
        cursor.Sequence = header.EndSequence;

        // If it was dropped while it was being read, it has been counted as dropped.
        return block is not null && header.EndSequence > FirstSequence;
    }

    private bool TryLoad(ISpoolFile file, long at, in BlockHeader header, Func<int, Block> rent, ref Block? block)
    {
        // A block that was rented for a damaged payload is reused if it is large enough.
        block?.Clear();
        if (block is null || block.Room < header.PayloadLength) block = rent(header.PayloadLength);
        Span<byte> room = block.Load(header.PayloadLength, header.Messages, header.FirstSequence);
        return _finder.Read(file, room, at + BlockHeader.Size) == room.Length && Crc32C.Of(room) == header.PayloadCrc;
    }

    private bool TryUse(Segment segment, [NotNullWhen(true)] out ISpoolFile? file)
    {
        try
        {
            file = _files.Use(segment);
            return true;
        }
        catch (IOException) when (_finder.PassUnreadable)
        {
            file = null;
            return false;
        }
    }

    private bool IsGone(Segment segment)
    {
        lock (_gate) return !_segments.Contains(segment);
    }

    /// <summary>
    /// Returns the segment that the cursor needs, counted as in use, with the limits of what may be read there; null when nothing
    /// more is appended.
    /// </summary>
    private Segment? EnterSegment(ref SegmentLogCursor cursor, out long end, out long most)
    {
        Segment segment;
        Segment? left;
        lock (_gate)
        {
            cursor.Sequence = Math.Max(cursor.Sequence, FirstUnsynchronized);
            end = most = 0;
            if (_segments.Count == 0) cursor.Sequence = Math.Max(cursor.Sequence, _next);
            if (cursor.Sequence >= _next) return null;
            int index = IndexOfUnsynchronized(cursor.Sequence);
            segment = _segments[index];
            if (cursor.Segment != segment.Number)
            {
                cursor.Segment = segment.Number;
                cursor.Offset = SegmentHeader.Size;
                cursor.Expected = segment.FirstSequence;
                cursor.Failures = 0;
            }
            bool isLast = index == _segments.Count - 1;
            end = isLast ? _end : segment.Size;
            most = isLast ? _next : _segments[index + 1].FirstSequence;
            segment.Users++;
            left = _readSegment == segment || _readSegment == _active ? null : _readSegment;
            _readSegment = segment;
        }
        if (left is not null) _files.Close(left);
        return segment;
    }

    /// <summary>Index of the last segment that begins at or before the sequence; it exists if the sequence is held.</summary>
    private int IndexOfUnsynchronized(long sequence)
    {
        int low = 0;
        int high = _segments.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_segments[middle].FirstSequence <= sequence) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    private void CountLost(long from, long to)
    {
        if (to <= from) return;
        lock (_gate)
        {
            long added = _lost.Add(Math.Max(from, FirstUnsynchronized), to);
            if (added == 0) return;
            _lostMessages += added;
            _corruptBlocks++;
        }
    }
}
