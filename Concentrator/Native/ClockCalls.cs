using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>A sleep finer than the millisecond of .NET's waits, and the kernel's state of its clock.</summary>
internal static partial class ClockCalls
{
    private const int Monotonic = 1;

    /// <summary>Sleeps; the kernel adds some 50 µs (its timer slack). Returns early on a signal.</summary>
    public static void Sleep(TimeSpan time)
    {
        if (time <= TimeSpan.Zero) return;
        _ = NanoSleep(Monotonic, 0, new TimeSpec(time), 0);
    }

    /// <summary>Whether the clock is synchronised (chrony, ntpd, systemd-timesyncd, the hypervisor); null if the call fails.</summary>
    public static ClockState? State()
    {
        // struct timex: modes (0 = only query) first, then four longs from byte 8 on, of which maxerror is the third, then status.
        Span<byte> timex = stackalloc byte[TimexSize];
        timex.Clear();
        if (AdjustTime(timex) < 0) return null;
        int status = MemoryMarshal.Read<int>(timex[(8 + (4 * nint.Size))..]);
        nint microseconds = MemoryMarshal.Read<nint>(timex[(8 + (2 * nint.Size))..]);
        return new ClockState((status & Unsynchronized) == 0, TimeSpan.FromMicroseconds(microseconds));
    }

    // Larger than the structure on any architecture.
    private const int TimexSize = 256;
    private const int Unsynchronized = 0x40;

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    private static partial int AdjustTime(Span<byte> timex);

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int NanoSleep(int clock, int flags, in TimeSpec time, nint remaining);
}

/// <summary>The kernel's state of its clock (adjtimex). The largest error is a bound, set by the program that keeps the clock.</summary>
internal readonly record struct ClockState(bool IsSynchronized, TimeSpan LargestError);
