namespace Concentrator.Native;

/// <summary>
/// A signal that one thread waits for and any thread may set; one set while no thread waits is kept, once. Like an
/// <see cref="AutoResetEvent"/>, but a wait and a wake are one system call each, and a set that wakes no thread is none: .NET's own
/// waits take a lock in the process and another in the kernel, up to four context switches for one wake-up. Allocates nothing.
/// </summary>
internal sealed class ThreadSignal
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Awaited = 2;

    // The kernel uses the word too: it is pinned, and on a cache line of its own.
    private readonly int[] _memory = GC.AllocateArray<int>(32, pinned: true);

    private ref int Word => ref _memory[16];

    /// <summary>Signals the waiting thread, or the next wait. Any thread may call.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref Word, Signalled) == Awaited) FutexCalls.WakeOne(ref Word);
    }

    /// <summary>Waits for the next signal; one thread at a time.</summary>
    public void Wait() => Wait(Timeout.InfiniteTimeSpan);

    /// <summary>As <see cref="Wait()"/>, for at most <paramref name="limit"/>. False if no signal came in that time.</summary>
    public bool Wait(TimeSpan limit)
    {
        bool isLimited = limit != Timeout.InfiniteTimeSpan;
        long ends = isLimited ? TimeProvider.System.GetTimestamp() + (long)(limit.TotalSeconds * TimeProvider.System.TimestampFrequency) : 0;
        if (Interlocked.CompareExchange(ref Word, Awaited, Idle) == Idle)
        {
            while (true)
            {
                TimeSpan left = isLimited ? TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), ends) : limit;
                if (isLimited && left <= TimeSpan.Zero) break;
                FutexCalls.Wait(ref Word, Awaited, left);
                if (Volatile.Read(ref Word) != Awaited) break;
            }
        }
        return Interlocked.Exchange(ref Word, Idle) == Signalled;
    }
}
