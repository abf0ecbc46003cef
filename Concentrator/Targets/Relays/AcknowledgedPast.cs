namespace Concentrator.Targets.Relays;

/// <summary>
/// Up to which position a connection was acknowledged, and when: to the quarter of a second, for the replay tail's span. One
/// object a connection, owned by the relay's loop; holds at most what the span needs, some hundred entries.
/// </summary>
internal sealed class AcknowledgedPast(TimeSpan span, TimeProvider time)
{
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(0.25);

    private readonly Queue<(long At, long Position)> _past = new();
    private long _latest;

    /// <summary>Everything before that position is acknowledged now.</summary>
    public void Note(long position)
    {
        long now = time.GetTimestamp();
        if (_past.Count > 0 && time.GetElapsedTime(_latest, now) < Grain) return;
        _latest = now;
        _past.Enqueue((now, position));

        // The newest one that is older than the span is the one that is asked for.
        while (_past.Count > 1 && time.GetElapsedTime(Second().At, now) > span) _past.Dequeue();
    }

    /// <summary>What was acknowledged a span before that timestamp, as far as it is known; 0 where it is not.</summary>
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
