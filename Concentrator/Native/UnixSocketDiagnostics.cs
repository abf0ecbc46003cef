using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>
/// What the kernel knows about a unix socket and its path does not show (sock_diag(7)). Names do not help: the kernel keeps the name that a
/// socket was bound under, after others have removed it or bound their own socket there. Any thread may call.
/// </summary>
internal static partial class UnixSocketDiagnostics
{
    // linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h.
    private const int NetlinkFamily = 16;
    private const int RawSocket = 3;
    private const int DiagnosisProtocol = 4;
    private const ushort RequestByFamily = 20;
    private const ushort RequestFlag = 1;
    private const byte UnixFamily = 1;
    private const uint ShowPeer = 4;
    private const ushort PeerAttribute = 2;
    private const int HeaderLength = 16;
    private const int RequestLength = HeaderLength + 24;
    private const int AnswerLength = HeaderLength + 16;

    /// <summary>
    /// The inode (<c>socket:[N]</c> in /proc/PID/fd) of the socket that this one is connected to; null if it is not connected, or the
    /// kernel was built without sock_diag for unix sockets.
    /// </summary>
    public static ulong? PeerOf(SafeHandle socket)
    {
        if (FileCalls.Identify(socket) is not { } asked) return null;
        using SafeFileHandle netlink = Open(NetlinkFamily, RawSocket | FileCalls.CloseOnExec, DiagnosisProtocol);
        if (netlink.IsInvalid) return null;
        Span<byte> request = stackalloc byte[RequestLength];
        request.Clear();
        MemoryMarshal.Write(request, RequestLength);
        MemoryMarshal.Write(request[4..], RequestByFamily);
        MemoryMarshal.Write(request[6..], RequestFlag);
        request[16] = UnixFamily;
        MemoryMarshal.Write(request[20..], uint.MaxValue); // In any state.
        MemoryMarshal.Write(request[24..], (uint)asked.Inode);
        MemoryMarshal.Write(request[28..], ShowPeer);
        request[32..].Fill(0xFF); // With any cookie.
        Span<byte> answer = stackalloc byte[512];
        if (FileCalls.Write(netlink, request, RequestLength) != RequestLength) return null;
        nint length = FileCalls.Read(netlink, answer, answer.Length);
        return length > 0 ? FindPeer(answer[..(int)length]) : null;
    }

    /// <summary>Finds the peer among the attributes: a length, a type and a value each, padded to four bytes.</summary>
    private static ulong? FindPeer(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < AnswerLength || MemoryMarshal.Read<ushort>(answer[4..]) != RequestByFamily) return null;
        for (ReadOnlySpan<byte> rest = answer[AnswerLength..]; rest.Length >= 8;)
        {
            int length = MemoryMarshal.Read<ushort>(rest);
            if (length < 4) return null;
            if (MemoryMarshal.Read<ushort>(rest[2..]) == PeerAttribute) return MemoryMarshal.Read<uint>(rest[4..]);
            rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        }
        return null;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial SafeFileHandle Open(int family, int type, int protocol);
}
