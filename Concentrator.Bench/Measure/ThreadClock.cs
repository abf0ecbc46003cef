using System.Runtime.InteropServices;

namespace Concentrator.Bench.Measure;

/// <summary>What this thread has cost, which .NET does not say.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    /// <summary>User and system time of the calling thread.</summary>
    public static TimeSpan Cpu
    {
        get
        {
            _ = GetTime(ThreadCpuTime, out TimeSpec now);
            return TimeSpan.FromTicks((now.Seconds * TimeSpan.TicksPerSecond) + (now.Nanoseconds / TimeSpan.NanosecondsPerTick));
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);
}
