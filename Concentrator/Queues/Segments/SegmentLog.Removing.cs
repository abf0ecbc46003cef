using Concentrator.Native;

namespace Concentrator.Queues.Segments;

/// <summary>Leaving the log: delivered, or dropped for want of room.</summary>
internal sealed partial class SegmentLog
{
    /// <summary>There is a segment that <see cref="DropOldest"/> would drop.</summary>
    public bool CanDropOldest
    {
        get
        {
            lock (_gate) return _segments.Count > 1;
        }
    }

    /// <summary>
    /// Every message below <paramref name="sequence"/> is delivered. Segments wholly below leave the disk; one of them waits to
    /// be used again. On disk this is noted by the next <see cref="SaveCheckpoint"/>. Never throws for the disk.
    /// </summary>
    public void Release(long sequence)
    {
        lock (_removing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            lock (_gate)
            {
                _released = Math.Max(_released, Math.Min(sequence, _next));
                _lost.ForgetBelow(FirstUnsynchronized);
            }
            while (TakeDelivered() is { } segment)
            {
                CrashPoint.Reach("segment delivered");
                _files.GiveUp(segment, mayBeSpare: true);
            }
        }
    }

    /// <summary>
    /// Drops the oldest segment, unless it is the one being filled, and gives its room back to the file system. Returns how
    /// many undelivered messages are lost with it; 0 where there was nothing to drop, and where it held none.
    /// </summary>
    /// <param name="taken">
    /// Messages below this have been read and are in the caller's hands, so they are not lost: they are not counted.
    /// </param>
    public long DropOldest(long taken = 0)
    {
        lock (_removing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Segment oldest;
            long lost;
            lock (_gate)
            {
                if (_segments.Count < 2) return 0;
                oldest = _segments[0];
                long from = Math.Max(FirstUnsynchronized, taken);
                long to = Math.Max(from, _segments[1].FirstSequence);
                lost = to - from - _lost.CountIn(from, to);
                RemoveOldestUnsynchronized();
            }
            _files.GiveUp(oldest, mayBeSpare: false);
            return lost;
        }
    }

    private Segment? TakeDelivered()
    {
        lock (_gate)
        {
            if (_segments.Count < 2 || _segments[1].FirstSequence > _released) return null;
            Segment oldest = _segments[0];
            RemoveOldestUnsynchronized();
            return oldest;
        }
    }

    private void RemoveOldestUnsynchronized()
    {
        Segment oldest = _segments[0];
        _segments.RemoveAt(0);
        _segmentBytes -= oldest.Size;
        if (_readSegment == oldest) _readSegment = null;
        _lost.ForgetBelow(FirstUnsynchronized);
    }

    /// <summary>
    /// The directory has been made anew: the next block begins a segment, and the next checkpoint its file. What lies in
    /// segments that are gone is counted as lost when reading comes by.
    /// </summary>
    public void BeginAnew()
    {
        lock (_appending) _failures = PatienceWithSegment;
        lock (_saving)
        {
            _checkpointFile?.Dispose();
            _checkpointFile = null;
            _checkpointExists = false;

            // Not what stands in the file, so that it is written again.
            _saved = _saved with { Next = -1 };
        }
    }
}
