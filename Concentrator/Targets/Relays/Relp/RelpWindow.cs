namespace Concentrator.Targets.Relays.Relp;

/// <summary>
/// Tracks the messages of a connection in flight. Positions count its messages from the first; transaction numbers are derived
/// from them. A peer may answer in any order: after the first missing answer, one bit per message records the others.
/// One thread opens, one answers; any may query. Allocates nothing after construction.
/// </summary>
/// <param name="first">Position of the first message; tests set it close to where the transaction numbers wrap around.</param>
internal sealed class RelpWindow(long first = 0)
{
    /// <summary>
    /// Messages in flight beyond which no further block is begun. Measured against rsyslog's imrelp over loopback: no faster with
    /// more; a path of 40 ms carries 100,000 a second.
    /// </summary>
    public const int Limit = 4096;

    // A block begun just below the limit must fit too, even one of 34,816 of the shortest frames ("0 ").
    private const int Capacity = 65_536;

    // "open" has number 1.
    private const int FirstTransaction = 2;

    private readonly ulong[] _answered = new ulong[Capacity / 64];
    private long _opened = first;
    private long _acknowledged = first;

    /// <summary>The position after the last message that was begun.</summary>
    public long Opened => Volatile.Read(ref _opened);

    /// <summary>All messages before this position are answered.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public bool IsFull => Opened - Acknowledged >= Limit;

    /// <summary>Begins the next message, before any byte of it is written; returns its transaction number.</summary>
    /// <exception cref="InvalidOperationException">More messages are in flight than blocks can hold.</exception>
    public int Open()
    {
        long position = _opened;
        if (position - Acknowledged >= Capacity) throw new InvalidOperationException($"the window of {Capacity} RELP messages is full");
        Volatile.Write(ref _opened, position + 1);
        return TransactionOf(position);
    }

    /// <summary>Records an answer; false when no message with that number is in flight unanswered.</summary>
    public bool TryAnswer(int transaction)
    {
        int ahead = transaction - TransactionOf(_acknowledged);
        if (ahead < 0) ahead += RelpFrame.LastTransaction;
        long position = _acknowledged + ahead;
        if (position >= Opened || IsAnswered(position)) return false;
        if (ahead > 0)
        {
            _answered[Word(position)] |= Bit(position);
            return true;
        }
        for (position++; IsAnswered(position); position++) _answered[Word(position)] &= ~Bit(position);
        Volatile.Write(ref _acknowledged, position);
        return true;
    }

    private bool IsAnswered(long position) => (_answered[Word(position)] & Bit(position)) != 0;

    private static int TransactionOf(long position) => (int)((position + FirstTransaction - 1) % RelpFrame.LastTransaction) + 1;

    private static int Word(long position) => (int)(position % Capacity / 64);

    private static ulong Bit(long position) => 1UL << (int)(position % 64);
}
