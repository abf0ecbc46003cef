using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>A sleep finer than the millisecond that .NET's waits count in.</summary>
internal static partial class ClockCalls
{
    private const int Monotonic = 1;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Sleeps; the kernel adds some 50 µs of its own (its timer slack). Returns early on a signal.</summary>
    public static void Sleep(TimeSpan time)
    {
        if (time <= TimeSpan.Zero) return;
        long nanoseconds = time.Ticks * TimeSpan.NanosecondsPerTick;
        _ = NanoSleep(Monotonic, 0, new TimeSpec(nanoseconds / NanosecondsPerSecond, nanoseconds % NanosecondsPerSecond), 0);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int NanoSleep(int clock, int flags, in TimeSpec time, nint remaining);
}
