using System.Diagnostics.CodeAnalysis;
using Concentrator.Bytes;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>
/// The reading half of a <see cref="SegmentLog"/>: reads blocks in order, and skips and counts damage. One thread reads; a lock of its own,
/// held for the whole of a read, makes a caller on a wrong thread wait instead of doing damage.
/// </summary>
internal sealed class SegmentReader(SegmentList list, SegmentFiles files)
{
    /// <summary>
    /// Consecutive failed reads at one place before it is treated as damaged. A relay's queue tries once a second, so a disk that
    /// is away for less than ten seconds causes no loss, and a bad place delays what follows it for no longer.
    /// </summary>
    public const int Patience = 10;

    private readonly Lock _reading = new();
    private readonly BlockFinder _finder = new();
    private long _lostMessages;
    private bool _isClosed;

    /// <inheritdoc cref="SegmentLog.LostMessages"/>
    public long LostMessages => Volatile.Read(ref _lostMessages);

    /// <inheritdoc cref="SegmentLog.TryRead"/>
    public bool TryRead(ref SegmentLogCursor cursor, Func<int, Block> rent, [NotNullWhen(true)] out Block? block)
    {
        lock (_reading)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            block = null;
            while (Enter(ref cursor, out long end, out long most) is { } segment)
            {
                try
                {
                    if (TryReadHere(segment, end, most, ref cursor, rent, ref block)) return true;
                }
                catch (IOException) when (!list.Contains(segment))
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
                    files.Leave(segment);
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
        _finder.PassUnreadable = cursor.Failures >= Patience;
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
        return block is not null && header.EndSequence > list.FirstSequence;
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
            file = files.Use(segment);
            return true;
        }
        catch (IOException) when (_finder.PassUnreadable)
        {
            file = null;
            return false;
        }
    }

    private Segment? Enter(ref SegmentLogCursor cursor, out long end, out long most)
    {
        Segment? segment = list.Enter(ref cursor, out end, out most, out Segment? left);
        if (left is not null) files.Close(left);
        return segment;
    }

    private void CountLost(long from, long to)
    {
        if (to > from) Volatile.Write(ref _lostMessages, _lostMessages + list.AddLost(from, to));
    }

    /// <summary>Waits for a read that has begun; later ones throw.</summary>
    public void Close()
    {
        lock (_reading) _isClosed = true;
    }
}
