using Concentrator.Queues.DiskFormat;

namespace Concentrator.Queues.Segments;

/// <summary>
/// What a <see cref="SegmentLog"/> holds: its segments in order, how far they are filled, released and read, and which messages are known
/// to be lost. Touches no file.
/// <para>
/// Threads: any. Each member takes <see cref="Gate"/>, which is never held during disk I/O and under which no other lock is taken; the
/// operations of the log take it while they hold their own lock. Only the appending thread changes <see cref="Active"/>,
/// <see cref="Next"/>, <see cref="End"/> and the last segment, and it alone reads these three, without the gate.
/// </para>
/// </summary>
internal sealed class SegmentList
{
    private readonly long _segmentSize;
    private readonly List<Segment> _segments;
    private readonly LostRanges _lost;
    private Segment? _read;
    private long _released;
    private long _segmentBytes;

    public SegmentList(SegmentLogRecovery recovered, long segmentSize)
    {
        _segmentSize = segmentSize;
        _segments = recovered.Segments;
        _lost = recovered.Lost;
        _released = recovered.Released;
        HasSpareUnsynchronized = recovered.HasSpare;
        Active = _segments.Count > 0 ? _segments[^1] : null;
        Next = recovered.NextSequence;
        End = recovered.End;
        _segmentBytes = _segments.Sum(static s => s.Size);

        // The first flush includes what the last run left unflushed.
        foreach (Segment segment in _segments) segment.IsUnsynced = true;
    }

    /// <summary>Guards the list, and the mutable members of its segments.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The segment being filled, which is the last of the list and never removed; null before the first append.</summary>
    public Segment? Active { get; private set; }

    /// <summary>As <see cref="SegmentLog.NextSequence"/>, for the appending thread.</summary>
    public long Next { get; private set; }

    /// <summary>Offset of the next block in <see cref="Active"/>.</summary>
    public long End { get; private set; }

    /// <summary>Whether a spare file is kept, from which the next segment can be made. The caller holds <see cref="Gate"/>.</summary>
    public bool HasSpareUnsynchronized { get; set; }

    public long NextSequence
    {
        get
        {
            lock (Gate) return Next;
        }
    }

    public long FirstSequence
    {
        get
        {
            lock (Gate) return First;
        }
    }

    public long Messages
    {
        get
        {
            lock (Gate) return Next - First - _lost.Count;
        }
    }

    public long Bytes
    {
        get
        {
            lock (Gate) return _segmentBytes + SpareBytes;
        }
    }

    public bool CanDropOldest
    {
        get
        {
            lock (Gate) return _segments.Count > 1;
        }
    }

    private long First => Math.Max(_released, _segments.Count > 0 ? _segments[0].FirstSequence : Sequence.First);

    private long SpareBytes => HasSpareUnsynchronized ? _segmentSize : 0;

    /// <summary>Size of a new segment that is to hold a block of that total length.</summary>
    public long SizeFor(long total) => Math.Max(_segmentSize, SegmentHeader.Size + total);

    public long GrowthOf(int payloadLength)
    {
        long total = BlockHeader.Size + (long)payloadLength;
        lock (Gate)
        {
            if (_segments.Count > 0 && End + total <= _segments[^1].Size) return 0;
            long size = SizeFor(total);
            return size == _segmentSize ? size - SpareBytes : size;
        }
    }

    /// <summary>A block has been written at <see cref="End"/>.</summary>
    public void Append(in BlockHeader header)
    {
        lock (Gate)
        {
            End += header.TotalLength;
            Next = header.EndSequence;
            Active!.IsUnsynced = true;
        }
    }

    /// <summary>
    /// Makes a new segment the one being filled. Its predecessor leaves the list if nothing was appended to it (it was given up after
    /// failures): two segments must not begin with the same message.
    /// </summary>
    /// <param name="removed">The predecessor, if it has left the list.</param>
    /// <returns>The predecessor, if it is still in the list and is not being read.</returns>
    public Segment? Begin(Segment begun, out Segment? removed)
    {
        lock (Gate)
        {
            Segment? left = Active;
            removed = left?.FirstSequence == Next ? left : null;
            if (removed is not null)
            {
                _segments.RemoveAt(_segments.Count - 1);
                _segmentBytes -= removed.Size;
            }
            _segments.Add(begun);
            _segmentBytes += begun.Size;
            Active = begun;
            End = SegmentHeader.Size;
            _lost.ForgetBelow(First);
            return left == removed || left == _read ? null : left;
        }
    }

    /// <summary>
    /// Returns the segment that the cursor needs, counted as in use, with the limits of what may be read there; null when nothing
    /// more is appended. <paramref name="left"/> is the segment that was read before, if nothing else keeps it open.
    /// </summary>
    public Segment? Enter(ref SegmentLogCursor cursor, out long end, out long most, out Segment? left)
    {
        lock (Gate)
        {
            cursor.Sequence = Math.Max(cursor.Sequence, First);
            end = most = 0;
            left = null;
            if (_segments.Count == 0) cursor.Sequence = Math.Max(cursor.Sequence, Next);
            if (cursor.Sequence >= Next) return null;
            int index = IndexOf(cursor.Sequence);
            Segment segment = _segments[index];
            if (cursor.Segment != segment.Number) cursor.Enter(segment);
            bool isLast = index == _segments.Count - 1;
            end = isLast ? End : segment.Size;
            most = isLast ? Next : _segments[index + 1].FirstSequence;
            segment.Users++;
            left = _read == segment || _read == Active ? null : _read;
            _read = segment;
            return segment;
        }
    }

    /// <summary>Whether the segment's file stays open for the next block, appended or read. The caller holds <see cref="Gate"/>.</summary>
    public bool KeepsOpenUnsynchronized(Segment segment) => segment == Active || segment == _read;

    public bool Contains(Segment segment)
    {
        lock (Gate) return _segments.Contains(segment);
    }

    /// <summary>Messages in [from, to) were found lost. Returns how many of them are held and were not known to be lost.</summary>
    public long AddLost(long from, long to)
    {
        lock (Gate) return _lost.Add(Math.Max(from, First), to);
    }

    /// <summary>Every message below <paramref name="sequence"/> is delivered.</summary>
    public void Release(long sequence)
    {
        lock (Gate)
        {
            _released = Math.Max(_released, Math.Min(sequence, Next));
            _lost.ForgetBelow(First);
        }
    }

    /// <summary>Removes the oldest segment if all of it is delivered; null otherwise.</summary>
    public Segment? TakeDelivered()
    {
        lock (Gate) return _segments.Count < 2 || _segments[1].FirstSequence > _released ? null : TakeOldest();
    }

    /// <summary>Removes the oldest segment unless it is the one being filled.</summary>
    /// <param name="taken">Messages below this sequence are not lost with it.</param>
    /// <param name="lost">Undelivered messages that are lost with it and were not known to be.</param>
    public Segment? TakeOldest(long taken, out long lost)
    {
        lock (Gate)
        {
            lost = 0;
            if (_segments.Count < 2) return null;
            long from = Math.Max(First, taken);
            long to = Math.Max(from, _segments[1].FirstSequence);
            lost = to - from - _lost.CountIn(from, to);
            return TakeOldest();
        }
    }

    /// <summary>The next segment after that number that was written to since it was flushed, counted as in use and as flushed.</summary>
    public Segment? TakeUnsynced(long after)
    {
        lock (Gate)
        {
            foreach (Segment segment in _segments)
            {
                if (segment.Number <= after || !segment.IsUnsynced) continue;
                segment.IsUnsynced = false;
                segment.Users++;
                return segment;
            }
            return null;
        }
    }

    /// <summary>The segment could not be flushed. False if it has left the list meanwhile, so that it need not be.</summary>
    public bool TryReturnUnsynced(Segment segment)
    {
        lock (Gate) return segment.IsUnsynced = _segments.Contains(segment);
    }

    /// <summary>The checkpoint of this moment, with that generation.</summary>
    public Checkpoint CheckpointNow(long generation)
    {
        lock (Gate) return new Checkpoint(generation, First, Next);
    }

    /// <summary>Visits all segments, in order, without the gate: nothing else uses the log any more.</summary>
    public void ForEach(Action<Segment> visit) => _segments.ForEach(visit);

    /// <summary>Index of the last segment that begins at or before the sequence; it exists if the sequence is held.</summary>
    private int IndexOf(long sequence)
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

    private Segment TakeOldest()
    {
        Segment oldest = _segments[0];
        _segments.RemoveAt(0);
        _segmentBytes -= oldest.Size;
        if (_read == oldest) _read = null;
        _lost.ForgetBelow(First);
        return oldest;
    }
}
