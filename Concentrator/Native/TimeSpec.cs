using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>struct timespec, from a non-negative time span.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TimeSpec
{
    private readonly long _seconds;
    private readonly long _nanoseconds;

    public TimeSpec(TimeSpan span)
    {
        _seconds = span.Ticks / TimeSpan.TicksPerSecond;
        _nanoseconds = span.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick;
    }
}
