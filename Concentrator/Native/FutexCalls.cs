using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>Waits on a word of memory in the kernel (futex(2)), private to this process: one call to sleep, one to wake.</summary>
internal static partial class FutexCalls
{
    private const int WaitPrivate = 128;
    private const int WakePrivate = 129;

    private static readonly nint Number = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        Architecture other => throw new PlatformNotSupportedException($"futex: system call number not known for {other}"),
    };

    /// <summary>
    /// Sleeps while the word holds <paramref name="expected"/>, at most for <paramref name="limit"/>. May return early, on a signal or
    /// spuriously: the caller checks the word again. The kernel adds some 50 µs to a limit.
    /// </summary>
    /// <param name="word">In memory that does not move.</param>
    public static void Wait(ref int word, int expected, TimeSpan limit)
    {
        TimeSpec time = new(limit);
        _ = Call(Number, ref word, WaitPrivate, expected, ref limit == Timeout.InfiniteTimeSpan ? ref Unsafe.NullRef<TimeSpec>() : ref time, 0, 0);
    }

    /// <summary>Wakes one thread that sleeps on the word.</summary>
    public static void WakeOne(ref int word) => _ = Call(Number, ref word, WakePrivate, 1, ref Unsafe.NullRef<TimeSpec>(), 0, 0);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, ref int word, nint operation, nint value, ref TimeSpec limit, nint second, nint third);
}
