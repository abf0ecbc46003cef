using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays.Relp;

/// <summary>
/// Tracks the messages of a session in flight (<see cref="AnsweredMessages"/>); transaction numbers are derived from their positions.
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

    private readonly AnsweredMessages _messages = new(Capacity, first);

    /// <inheritdoc cref="AnsweredMessages.Opened"/>
    public long Opened => _messages.Opened;

    /// <inheritdoc cref="AnsweredMessages.Acknowledged"/>
    public long Acknowledged => _messages.Acknowledged;

    public bool IsFull => _messages.InFlight >= Limit;

    /// <summary>Begins the next message, before any byte of it is written; returns its transaction number.</summary>
    /// <exception cref="InvalidOperationException">More messages are in flight than blocks can hold.</exception>
    public int Open() => TransactionOf(_messages.Open());

    /// <summary>Records an answer; false when no message with that number is in flight unanswered.</summary>
    public bool TryAnswer(int transaction)
    {
        long acknowledged = Acknowledged;
        int ahead = transaction - TransactionOf(acknowledged);
        if (ahead < 0) ahead += RelpFrame.LastTransaction;
        return _messages.TryAnswer(acknowledged + ahead);
    }

    private static int TransactionOf(long position) => (int)((position + FirstTransaction - 1) % RelpFrame.LastTransaction) + 1;
}
