using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Sends datagrams exactly as HAProxy does (docs/reference/haproxy.md, Datagrams): an unconnected socket, the path looked up for every message,
/// never waiting, what does not go at once is lost. One thread.
/// </summary>
internal sealed partial class HAProxyLikeSender : IDisposable
{
    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int Again = 11;
    private const ushort UnixFamily = 1;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly byte[] _address;

    // Linux numbers that .NET has no names for.
    private const int SocketLevel = 1;
    private const int ForceSendBuffer = 32;

    /// <param name="path">The receiver's socket, a path or a whole abstract name (<see cref="AbstractNames"/>); it need not exist.</param>
    /// <param name="sendBuffer">SO_SNDBUF (<c>tune.sndbuf.backend</c>); null for the kernel's default, as 2.6 has it. Root may exceed wmem_max.</param>
    public HAProxyLikeSender(string path, int? sendBuffer = null)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);

        // A path ends with a NUL, and an abstract name where its length says.
        _address = new byte[2 + name.Length + (name[0] == 0 ? 0 : 1)];
        BinaryPrimitives.WriteUInt16LittleEndian(_address, UnixFamily);
        name.CopyTo(_address.AsSpan(2));
        if (sendBuffer is not int size) return;
        if (Environment.IsPrivilegedProcess) _socket.SetRawSocketOption(SocketLevel, ForceSendBuffer, BitConverter.GetBytes(size));
        else _socket.SendBufferSize = size;
    }

    public int Sent { get; private set; }

    /// <summary>Lost because the queue was full (EAGAIN): what HAProxy counts as DroppedLogs.</summary>
    public int Dropped { get; private set; }

    /// <summary>Lost for another reason (no socket, nobody behind it, not permitted): HAProxy counts these nowhere.</summary>
    public int Failed { get; private set; }

    /// <summary>Bytes of the send buffer that wait in the receiver's queue now, the kernel's bookkeeping included.</summary>
    public int Outstanding => SendQueue.Bytes(_socket);

    public bool Send(ReadOnlySpan<byte> datagram)
    {
        nint sent = SendTo(
            _socket.SafeHandle,
            in MemoryMarshal.GetReference(datagram),
            datagram.Length,
            DoNotWait | NoSignal,
            in MemoryMarshal.GetArrayDataReference(_address),
            _address.Length);
        if (sent >= 0) Sent++;
        else if (Marshal.GetLastPInvokeError() == Again) Dropped++;
        else Failed++;
        return sent >= 0;
    }

    /// <summary>Numbered messages at an even pace; as fast as possible when the rate is 0.</summary>
    public void Send(NumberedMessage message, int first, int count, int perSecond = 0)
    {
        long start = Stopwatch.GetTimestamp();
        for (int done = 0; done < count; done++)
        {
            if (perSecond > 0)
            {
                while (Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond < done) Thread.SpinWait(20);
            }
            Send(message.Render(first + done));
        }
    }

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(
        SafeSocketHandle socket, in byte buffer, nint length, int flags, in byte address, int addressLength);
}
