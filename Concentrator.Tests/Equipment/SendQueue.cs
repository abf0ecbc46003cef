using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Concentrator.Tests.Equipment;

/// <summary>What a socket was given and its receiver has not got yet, as the kernel says (SIOCOUTQ).</summary>
internal static partial class SendQueue
{
    // Linux's number; .NET has no name for it.
    private const ulong OutstandingBytes = 0x5411;

    /// <summary>Of a unix datagram socket, with the kernel's bookkeeping; of a TCP socket, what is not acknowledged.</summary>
    public static int Bytes(Socket socket)
    {
        int bytes = 0;
        if (Ask(socket.SafeHandle, OutstandingBytes, ref bytes) < 0) throw new Win32Exception();
        return bytes;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ask(SafeSocketHandle socket, ulong request, ref int answer);
}
