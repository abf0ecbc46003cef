using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>eventfd(2): a descriptor that can be read from the moment when somebody signals it.</summary>
internal static partial class EventCalls
{
    private static ReadOnlySpan<byte> One => [1, 0, 0, 0, 0, 0, 0, 0];

    /// <exception cref="IOException">The system has no more descriptors.</exception>
    public static SafeFileHandle Create()
    {
        SafeFileHandle made = CreateEvent(0, FileCalls.CloseOnExec);
        return made.IsInvalid ? throw new IOException($"eventfd: {Marshal.GetLastPInvokeErrorMessage()}") : made;
    }

    /// <summary>Any thread.</summary>
    public static void Signal(SafeHandle target) => _ = FileCalls.Write(target, One, One.Length);

    /// <summary>The signals up to now are taken back; blocks where there is none.</summary>
    public static void Clear(SafeHandle target) => _ = FileCalls.Read(target, stackalloc byte[sizeof(ulong)], sizeof(ulong));

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial SafeFileHandle CreateEvent(uint initial, int flags);
}
