using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>Questions to a socket for which .NET has no call.</summary>
internal static partial class SocketCalls
{
    // SIOCOUTQ of linux/sockios.h.
    private const nuint OutputQueue = 0x5411;

    /// <summary>Bytes of a TCP socket that its peer has not acknowledged yet (SIOCOUTQ); null when it cannot be asked.</summary>
    public static int? Unacknowledged(SafeHandle socket) => Ask(socket, OutputQueue, out int bytes) == 0 ? bytes : null;

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ask(SafeHandle socket, nuint request, out int value);
}
