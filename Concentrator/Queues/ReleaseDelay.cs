namespace Concentrator.Queues;

/// <summary>
/// Delays the release of delivered messages: the sequence below which everything was delivered some time ago, and which the log may
/// forget. The peer's TCP has acknowledged the last of them, but its program may not have read them yet. The queue's thread asks, its
/// consumer lowers.
/// </summary>
/// <param name="start">Everything below this sequence was delivered long ago.</param>
internal sealed class ReleaseDelay(long start, TimeProvider time)
{
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(0.25);

    private readonly Lock _gate = new();
    private readonly Queue<(long At, long UpTo)> _noted = new();
    private long _before = start;
    private long _latest;
    private TimeSpan _span;

    /// <summary>Length of the delay; zero keeps nothing.</summary>
    public TimeSpan Span
    {
        set
        {
            lock (_gate) _span = value;
        }
    }

    /// <summary>The sequence below which everything was delivered that long ago, at a resolution of 0.25 s or of the calls.</summary>
    /// <param name="settledUpTo">Everything below this sequence is delivered now.</param>
    public long Before(ref long settledUpTo)
    {
        lock (_gate)
        {
            // Read within the lock: whether it is lowered before or after, the noted values are lowered too.
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

    /// <summary>From <paramref name="upTo"/> on nothing counts as delivered, because it is sent again.</summary>
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
