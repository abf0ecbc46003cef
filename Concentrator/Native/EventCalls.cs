using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>eventfd(2): a descriptor that can be read from the moment when somebody signals it.</summary>
internal static partial class EventCalls
{
    private const int CloseOnExec = 0x80000;

    /// <exception cref="IOException">The system has no more descriptors.</exception>
    public static SafeFileHandle Create()
    {
        SafeFileHandle made = CreateEvent(0, CloseOnExec);
        return made.IsInvalid ? throw new IOException($"eventfd: {Marshal.GetLastPInvokeErrorMessage()}") : made;
    }

    /// <summary>Any thread.</summary>
    public static void Signal(SafeHandle target) => _ = Write(target, 1UL, sizeof(ulong));

    /// <summary>The signals up to now are taken back; blocks where there is none.</summary>
    public static void Clear(SafeHandle target) => _ = Read(target, out _, sizeof(ulong));

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial SafeFileHandle CreateEvent(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeHandle file, in ulong value, nint count);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeHandle file, out ulong value, nint count);
}
