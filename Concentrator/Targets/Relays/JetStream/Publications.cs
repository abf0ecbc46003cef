namespace Concentrator.Targets.Relays.JetStream;

/// <summary>
/// The publications of a session that are not answered, in order: a ring of fixed size. One thread opens, one answers; any may ask.
/// </summary>
/// <param name="limit">The most unanswered publications.</param>
internal sealed class Publications(int limit)
{
    private readonly Lock _gate = new();
    private readonly (long End, long OpenedAt, bool IsAnswered)[] _ring = new (long, long, bool)[limit];

    // Guarded by _gate. Numbers count publications, positions count messages.
    private long _opened;
    private long _answered;
    private long _written;
    private long _acknowledged;

    /// <summary>Position after the last message that was published.</summary>
    public long Written
    {
        get
        {
            lock (_gate) return _written;
        }
    }

    /// <summary>Position before which every message is stored.</summary>
    public long Acknowledged
    {
        get
        {
            lock (_gate) return _acknowledged;
        }
    }

    public bool IsFull
    {
        get
        {
            lock (_gate) return _opened - _answered >= limit;
        }
    }

    /// <summary>When the oldest unanswered one was opened, as a timestamp; 0 = all are answered.</summary>
    public long OldestOpenedAt
    {
        get
        {
            lock (_gate) return _answered == _opened ? 0 : _ring[_answered % limit].OpenedAt;
        }
    }

    /// <summary>Opens the next publication and returns its number; there must be room.</summary>
    public long Open(int messages, long now)
    {
        lock (_gate)
        {
            if (_opened - _answered >= limit) throw new InvalidOperationException($"{limit} publications are unanswered");
            _written += messages;
            _ring[_opened % limit] = (_written, now, false);
            return _opened++;
        }
    }

    /// <summary>
    /// Records an answer. False when no such publication is unanswered. <paramref name="freed"/> is the number of publications that need no
    /// room any more: those before the oldest unanswered one.
    /// </summary>
    public bool TryAnswer(long number, out int freed)
    {
        freed = 0;
        lock (_gate)
        {
            if (number < _answered || number >= _opened || _ring[number % limit].IsAnswered) return false;
            _ring[number % limit].IsAnswered = true;
            while (_answered < _opened && _ring[_answered % limit].IsAnswered)
            {
                _acknowledged = _ring[_answered % limit].End;
                _answered++;
                freed++;
            }
            return true;
        }
    }
}
