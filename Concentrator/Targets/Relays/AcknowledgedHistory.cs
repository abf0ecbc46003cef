namespace Concentrator.Targets.Relays;

/// <summary>
/// History of the acknowledged positions of a connection, at a resolution of 0.25 s, for the span of the replay tail. One
/// object per connection, owned by the relay's loop; holds only what the span needs, about a hundred entries.
/// </summary>
internal sealed class AcknowledgedHistory(TimeSpan span, TimeProvider time)
{
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(0.25);

    private readonly Queue<(long At, long Position)> _past = new();
    private long _latest;

    /// <summary>Everything before <paramref name="position"/> is acknowledged now.</summary>
    public void Note(long position)
    {
        long now = time.GetTimestamp();
        if (_past.Count > 0 && time.GetElapsedTime(_latest, now) < Grain) return;
        _latest = now;
        _past.Enqueue((now, position));

        // The newest entry that is older than the span is the one that Before returns.
        while (_past.Count > 1 && time.GetElapsedTime(Second().At, now) > span) _past.Dequeue();
    }

    /// <summary>The position acknowledged one span before the timestamp, as far as known; 0 otherwise.</summary>
    public long Before(long reference)
    {
        long position = 0;
        foreach ((long at, long acknowledged) in _past)
        {
            if (time.GetElapsedTime(at, reference) < span) break;
            position = acknowledged;
        }
        return position;
    }

    private (long At, long Position) Second()
    {
        using Queue<(long At, long Position)>.Enumerator entries = _past.GetEnumerator();
        entries.MoveNext();
        entries.MoveNext();
        return entries.Current;
    }
}
