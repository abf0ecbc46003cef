namespace Concentrator.Queues;

/// <summary>
/// Up to which number of a log messages were delivered some time ago: what the log may forget. The peer's TCP has acknowledged the last
/// of what is delivered, and nobody knows yet whether its program has read it. The queue's thread asks, its consumer lowers.
/// </summary>
/// <param name="start">Everything below it was delivered long ago.</param>
internal sealed class ReleaseDelay(long start, TimeProvider time)
{
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(0.25);

    private readonly Lock _gate = new();
    private readonly Queue<(long At, long UpTo)> _noted = new();
    private long _before = start;
    private long _latest;
    private TimeSpan _span;

    /// <summary>How long ago. None: nothing is kept.</summary>
    public TimeSpan Span
    {
        set
        {
            lock (_gate) _span = value;
        }
    }

    /// <summary>What was delivered that long ago, to the quarter of a second, and as often as it is asked.</summary>
    /// <param name="settledUpTo">Everything below it is delivered now.</param>
    public long Before(ref long settledUpTo)
    {
        lock (_gate)
        {
            // Read within the lock: lowered before or after, what is noted is lowered too.
            long now = time.GetTimestamp();
            long upTo = Volatile.Read(ref settledUpTo);
            if (_span == TimeSpan.Zero) return upTo;
            if (_noted.Count == 0 || time.GetElapsedTime(_latest, now) >= Grain)
            {
                _noted.Enqueue((now, upTo));
                _latest = now;
            }
            while (_noted.TryPeek(out (long At, long UpTo) oldest) && time.GetElapsedTime(oldest.At, now) >= _span)
            {
                _before = oldest.UpTo;
                _noted.Dequeue();
            }
            return _before;
        }
    }

    /// <summary>From that number on, nothing counts as delivered: it is sent again.</summary>
    public void Lower(long upTo)
    {
        lock (_gate)
        {
            _before = Math.Min(_before, upTo);
            for (int i = _noted.Count; i > 0; i--)
            {
                (long at, long noted) = _noted.Dequeue();
                _noted.Enqueue((at, Math.Min(noted, upTo)));
            }
        }
    }
}
