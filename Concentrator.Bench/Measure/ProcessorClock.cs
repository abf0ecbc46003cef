using System.Runtime.InteropServices;

namespace Concentrator.Bench.Measure;

/// <summary>The kernel's CPU time clocks and this thread's timer slack, which are more precise than .NET's.</summary>
internal static partial class ProcessorClock
{
    private const int ThreadCpuTime = 3;

    // A process's clock as clock_getcpuclockid makes it: the pid's complement, and the kind of clock.
    private const int Scheduler = 2;
    private const int SetTimerSlack = 29;

    /// <summary>User and system time of the calling thread.</summary>
    public static TimeSpan OfThisThread => Read(ThreadCpuTime);

    /// <summary>User and system time of all threads of another process, including ended ones; zero for an ended process.</summary>
    public static TimeSpan OfProcess(int pid) => Read((~pid << 3) | Scheduler);

    /// <summary>Makes the calling thread's sleeps end on time, not up to 50 µs later to coalesce wake-ups.</summary>
    public static void WakeOnTime() => _ = Control(SetTimerSlack, 1, 0, 0, 0);

    private static TimeSpan Read(int clock) => GetTime(clock, out TimeSpec now) == 0
        ? TimeSpan.FromTicks((now.Seconds * TimeSpan.TicksPerSecond) + (now.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : TimeSpan.Zero;

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint first, nuint second, nuint third, nuint fourth);
}
