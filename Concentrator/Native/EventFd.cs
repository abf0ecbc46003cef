using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>eventfd(2): a descriptor that becomes readable when it is signalled.</summary>
internal static partial class EventFd
{
    private static ReadOnlySpan<byte> One => [1, 0, 0, 0, 0, 0, 0, 0];

    /// <exception cref="IOException">The limit of descriptors is reached.</exception>
    public static SafeFileHandle Create()
    {
        SafeFileHandle made = CreateEvent(0, FileCalls.CloseOnExec);
        return made.IsInvalid ? throw new IOException($"eventfd: {Marshal.GetLastPInvokeErrorMessage()}") : made;
    }

    /// <summary>Signals. Any thread may call.</summary>
    public static void Signal(SafeHandle target) => _ = FileCalls.Write(target, One, One.Length);

    /// <summary>Consumes the signals up to now; blocks if there is none.</summary>
    public static void Clear(SafeHandle target) => _ = FileCalls.Read(target, stackalloc byte[sizeof(ulong)], sizeof(ulong));

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial SafeFileHandle CreateEvent(uint initial, int flags);
}
