using Concentrator.Native;

namespace Concentrator.Queues.Segments;

/// <summary>Removal from the log: delivered segments, and segments dropped for lack of room.</summary>
internal sealed partial class SegmentLog
{
    /// <summary>Whether there is a segment that <see cref="DropOldest"/> would drop.</summary>
    public bool CanDropOldest
    {
        get
        {
            lock (_gate) return _segments.Count > 1;
        }
    }

    /// <summary>
    /// Every message below <paramref name="sequence"/> is delivered. Segments wholly below are removed from disk; one of them is kept for
    /// reuse. The next <see cref="SaveCheckpoint"/> records this on disk. Never throws for disk errors.
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
    /// Drops the oldest segment, unless it is the one being filled, and returns its space to the file system. Returns how
    /// many undelivered messages are lost with it; 0 when there was nothing to drop, or it held none.
    /// </summary>
    /// <param name="taken">
    /// Messages below this sequence have been read and are with the caller, so they are not lost and not counted.
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
    /// The directory was created again: the next block begins a segment, and the next checkpoint its file. Messages in
    /// segments that are gone are counted as lost when reading reaches them.
    /// </summary>
    public void BeginAnew()
    {
        lock (_appending) _failures = PatienceWithSegment;
        lock (_saving)
        {
            _checkpointFile?.Dispose();
            _checkpointFile = null;
            _checkpointExists = false;

            // Differs from the file's contents, so that it is written again.
            _saved = _saved with { Next = -1 };
        }
    }
}
