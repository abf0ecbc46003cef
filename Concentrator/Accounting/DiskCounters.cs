namespace Concentrator.Accounting;

/// <summary>
/// What a relay's queue has on disk, and has written there. The queue's thread writes; any thread may read, without a lock: these figures
/// are not part of the balance.
/// </summary>
internal sealed class DiskCounters
{
    private long _bytes;
    private long _messages;
    private long _mostMessages;
    private long _written;

    /// <summary>Bytes on disk, including delivered messages that are not freed yet.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Undelivered messages on disk.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Maximum of <see cref="Messages"/> since the start.</summary>
    public long MostMessages => Volatile.Read(ref _mostMessages);

    /// <summary>Messages written since the start.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Sets <see cref="Bytes"/> and <see cref="Messages"/>.</summary>
    public void Holds(long bytes, long messages)
    {
        Volatile.Write(ref _bytes, bytes);
        Volatile.Write(ref _messages, messages);
        if (messages > _mostMessages) Volatile.Write(ref _mostMessages, messages);
    }

    /// <summary>Adds messages to <see cref="Written"/>.</summary>
    public void Wrote(long messages) => Volatile.Write(ref _written, _written + messages);
}
