namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// Tracks the messages of a session whose peer acknowledges each, in any order. Positions count the messages from the first; after
/// the first missing answer, one bit per message records the others. One thread opens, one answers; any may query. Allocates nothing
/// after construction.
/// </summary>
/// <param name="capacity">Limit of messages in flight: a multiple of 64.</param>
/// <param name="first">Position of the first message.</param>
internal sealed class AnsweredMessages(int capacity, long first = 0)
{
    private readonly ulong[] _answered = new ulong[capacity / 64];
    private long _opened = first;
    private long _acknowledged = first;

    /// <summary>The position after the last message that was begun.</summary>
    public long Opened => Volatile.Read(ref _opened);

    /// <summary>All messages before this position are answered.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Messages that were begun and are not before <see cref="Acknowledged"/>.</summary>
    public long InFlight => Opened - Acknowledged;

    /// <summary>Begins the next message, before any byte of it is written; returns its position.</summary>
    /// <exception cref="InvalidOperationException">More messages are in flight than the capacity.</exception>
    public long Open()
    {
        long position = _opened;
        if (position - Acknowledged >= capacity) throw new InvalidOperationException($"the window of {capacity} messages is full");
        Volatile.Write(ref _opened, position + 1);
        return position;
    }

    /// <summary>Records an answer; false when no message at that position is in flight unanswered.</summary>
    public bool TryAnswer(long position)
    {
        if (position < _acknowledged || position >= Opened || IsMarked(position)) return false;
        if (position > _acknowledged)
        {
            _answered[Word(position)] |= Bit(position);
            return true;
        }
        for (position++; IsMarked(position); position++) _answered[Word(position)] &= ~Bit(position);
        Volatile.Write(ref _acknowledged, position);
        return true;
    }

    /// <summary>Whether the message at that position, which was begun, is answered.</summary>
    public bool IsAnswered(long position) => position < Acknowledged || IsMarked(position);

    private bool IsMarked(long position) => (_answered[Word(position)] & Bit(position)) != 0;

    private int Word(long position) => (int)(position % capacity / 64);

    private static ulong Bit(long position) => 1UL << (int)(position % 64);
}
