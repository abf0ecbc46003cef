namespace Concentrator.Telemetry.Watchdog;

/// <summary>What a loop waits for. A waiting loop is not expected to move: a restart would not provide what it waits for.</summary>
internal enum LoopWait : byte
{
    /// <summary>Nothing: the loop is working.</summary>
    None = 0,

    /// <summary>Something to do.</summary>
    Work,

    /// <summary>Room that other loops make: in the ring before it, or under back-pressure. Those loops are watched themselves.</summary>
    Room,

    /// <summary>A disk, or the reader of a pipe.</summary>
    Disk,

    /// <summary>A peer: its name, connection, acknowledgement, or the pause before the next attempt. Each has its own deadline.</summary>
    Peer,

    /// <summary>The delay that <c>MaxRate</c> requires.</summary>
    Rate,
}

/// <summary>
/// Progress of one loop: the number of its round, and what it waits for. The loop writes, with one store per round (not per message)
/// and without a lock, a call or an allocation; <see cref="LoopWatch"/> reads. Only the loop itself calls <see cref="Works"/> and
/// <see cref="Waits"/>.
/// </summary>
/// <param name="name">Name of the loop's thread, if it has one: <c>lane haproxy</c>.</param>
internal sealed class LoopHeartbeat(string name)
{
    private const long WaitBits = 7;

    // On a cache line of its own, because loops that pass work to each other mark their rounds at the same time.
    private readonly long[] _memory = new long[16];

    public string Name { get; } = name;

    /// <summary>
    /// Whether what the loop waits for has come, so that it should have moved: a lost wake-up does not count as a wait. Called by the watch
    /// on its thread with the loop's wait; must not wait for a lock, which a loop may hold while a disk blocks it. Null = unknown.
    /// </summary>
    public Func<LoopWait, bool>? HasCome { get; init; }

    /// <summary>Id of the loop's own thread, if it has one; the thread sets it before it enters.</summary>
    public int? Thread { get; set; }

    /// <summary>Changes whenever the loop moves.</summary>
    public long Position => Volatile.Read(ref Word);

    private ref long Word => ref _memory[8];

    /// <summary>A round begins, or a wait is over.</summary>
    public void Works() => Volatile.Write(ref Word, (Word | WaitBits) + 1);

    /// <summary>The loop begins to wait; it may find that it need not.</summary>
    public void Waits(LoopWait wait) => Volatile.Write(ref Word, (Word & ~WaitBits) | (long)wait);

    /// <summary>The loop may wait until the result is disposed; then its previous state returns, which may be an outer wait.</summary>
    public Pause While(LoopWait wait)
    {
        LoopWait before = WaitAt(Word);
        Waits(wait);
        return new Pause(this, before);
    }

    /// <summary>What a loop at <paramref name="position"/> waits for.</summary>
    public static LoopWait WaitAt(long position) => (LoopWait)(position & WaitBits);

    internal readonly ref struct Pause(LoopHeartbeat mark, LoopWait before)
    {
        public void Dispose()
        {
            if (before == LoopWait.None) mark.Works();
            else mark.Waits(before);
        }
    }
}
