using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>Socket queries that .NET has no call for.</summary>
internal static partial class SocketCalls
{
    // SIOCOUTQ of linux/sockios.h.
    private const nuint OutputQueue = 0x5411;

    /// <summary>Sent bytes that a TCP socket's peer has not acknowledged yet (SIOCOUTQ); null if the call fails.</summary>
    public static int? Unacknowledged(SafeHandle socket) => Ask(socket, OutputQueue, out int bytes) == 0 ? bytes : null;

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ask(SafeHandle socket, nuint request, out int value);
}
