namespace Concentrator.Telemetry.Watchdog;

/// <summary>What a loop waits for. A loop that waits is not expected to move: a restart would bring none of it.</summary>
internal enum LoopWait : byte
{
    /// <summary>For nothing: it is at work.</summary>
    None = 0,

    /// <summary>For something to do.</summary>
    Work,

    /// <summary>For room that others make: in the ring before it, or under back-pressure. Those who make it are watched themselves.</summary>
    Room,

    /// <summary>For a disk, or for whoever reads a pipe.</summary>
    Disk,

    /// <summary>For a peer: its name, connection, acknowledgement, or the pause before it is tried again. Each has a deadline of its own.</summary>
    Peer,

    /// <summary>For the time that <c>MaxRate</c> asks for.</summary>
    Rate,
}

/// <summary>
/// Where one loop is: the number of its round, and what it waits for. The loop writes, one store a round (not a message), without a
/// lock, a call or an allocation; <see cref="LoopWatch"/> reads. Nobody but the loop calls <see cref="Works"/> and <see cref="Waits"/>.
/// </summary>
/// <param name="name">As that of its thread, if it has one: <c>lane haproxy</c>.</param>
internal sealed class LoopMark(string name)
{
    private const long WaitBits = 7;

    // On a cache line of its own: loops that hand each other their work mark their rounds at the same time.
    private readonly long[] _memory = new long[16];

    public string Name { get; } = name;

    /// <summary>
    /// Whether what the loop waits for has come, so that it should have moved: a wake-up that got lost is no wait. Asked by the watch, on its
    /// thread, with the loop's wait; must not wait for a lock, which a loop may have while a disk holds it. Null = that cannot be told.
    /// </summary>
    public Func<LoopWait, bool>? HasCome { get; init; }

    /// <summary>The number of the loop's thread, where it has one of its own: set by it before it is entered.</summary>
    public int? Thread { get; set; }

    /// <summary>Changes whenever the loop moves.</summary>
    public long Position => Volatile.Read(ref Word);

    private ref long Word => ref _memory[8];

    /// <summary>Another round begins, or a wait is over.</summary>
    public void Works() => Volatile.Write(ref Word, (Word | WaitBits) + 1);

    /// <summary>The loop begins to wait; it may find that it need not.</summary>
    public void Waits(LoopWait wait) => Volatile.Write(ref Word, (Word & ~WaitBits) | (long)wait);

    /// <summary>The loop waits, at most, until the result is disposed; then it does what it did before, which may be a wait around this one.</summary>
    public Pause While(LoopWait wait)
    {
        LoopWait before = WaitAt(Word);
        Waits(wait);
        return new Pause(this, before);
    }

    /// <summary>What a loop at that position waits for.</summary>
    public static LoopWait WaitAt(long position) => (LoopWait)(position & WaitBits);

    internal readonly ref struct Pause(LoopMark mark, LoopWait before)
    {
        public void Dispose()
        {
            if (before == LoopWait.None) mark.Works();
            else mark.Waits(before);
        }
    }
}
