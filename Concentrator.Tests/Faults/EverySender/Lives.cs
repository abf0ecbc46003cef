namespace Concentrator.Tests.Faults.EverySender;

/// <summary>
/// Which of the servers that follow each other a sender speaks to. Written by the thread that kills them, read by all senders.
/// </summary>
internal sealed class Lives
{
    /// <summary>The life of what no kill ends.</summary>
    public const int All = -1;

    private int _current;
    private int _killsBegun;

    /// <summary>
    /// From 0. The number changes when a server is gone and the next has not been started yet: a connection that is made after it was
    /// read is one to a server of that life, or of a later one.
    /// </summary>
    public int Current => Volatile.Read(ref _current);

    /// <summary>Larger than a life's number as soon as that may be over.</summary>
    public int KillsBegun => Volatile.Read(ref _killsBegun);

    public void BeginKill() => Interlocked.Increment(ref _killsBegun);

    public void EndKill() => Interlocked.Increment(ref _current);
}
