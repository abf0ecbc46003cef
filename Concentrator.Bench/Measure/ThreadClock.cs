using System.Runtime.InteropServices;

namespace Concentrator.Bench.Measure;

/// <summary>Two clock calls that .NET does not offer: what this thread has cost, and a wait that is finer than a millisecond.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;
    private const int Monotonic = 1;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>User and system time of the calling thread.</summary>
    public static TimeSpan Cpu
    {
        get
        {
            _ = GetTime(ThreadCpuTime, out TimeSpec now);
            return TimeSpan.FromTicks((now.Seconds * TimeSpan.TicksPerSecond) + (now.Nanoseconds / TimeSpan.NanosecondsPerTick));
        }
    }

    /// <summary>Sleeps; the kernel adds some 50 µs of its own. Returns early on a signal.</summary>
    public static void Sleep(TimeSpan time)
    {
        if (time <= TimeSpan.Zero) return;
        long nanoseconds = time.Ticks * TimeSpan.NanosecondsPerTick;
        _ = NanoSleep(Monotonic, 0, new TimeSpec(nanoseconds / NanosecondsPerSecond, nanoseconds % NanosecondsPerSecond), 0);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int NanoSleep(int clock, int flags, in TimeSpec time, nint remaining);
}
