using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Concentrator.Native.DatagramCalls;

namespace Concentrator.Native;

/// <summary>
/// sendmsg and recvmsg with SCM_RIGHTS: bytes over a unix stream, and with them one descriptor, which the receiver gets as a
/// new descriptor of its own for the same socket. Neither call blocks.
/// </summary>
internal static unsafe partial class DescriptorPassing
{
    private const int Rights = 1;
    private const int NoSignal = 0x4000;
    private const int CloseOnExecForReceived = 0x40000000;

    // struct cmsghdr: length (8), level (4), type (4); then the descriptors, 4 bytes each.
    private const int ControlHeader = 16;
    private const int MostDescriptors = 16;

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(SafeHandle socket, MessageHeader* message, int flags);

    /// <summary>Sends all bytes or throws; the caller keeps <paramref name="descriptor"/>.</summary>
    /// <exception cref="IOException">The peer is gone, or does not read.</exception>
    public static void Send(Socket socket, ReadOnlySpan<byte> bytes, SafeHandle? descriptor)
    {
        byte* control = stackalloc byte[ControlHeader + 8];
        fixed (byte* first = bytes)
        {
            IoVector vector = new() { Base = first, Length = (nuint)bytes.Length };
            MessageHeader message = new() { Vectors = &vector, VectorCount = 1 };
            bool held = false;
            try
            {
                if (descriptor is not null)
                {
                    descriptor.DangerousAddRef(ref held);
                    *(long*)control = ControlHeader + sizeof(int);
                    ((int*)control)[2] = DatagramCalls.SocketLevel;
                    ((int*)control)[3] = Rights;
                    ((int*)control)[4] = (int)descriptor.DangerousGetHandle();
                    message.Control = control;
                    message.ControlLength = ControlHeader + 8;
                }
                nint sent = SendMessage(socket.SafeHandle, &message, DontWait | NoSignal);
                if (sent < 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
                if (sent != bytes.Length) throw new IOException("the peer does not read");
            }
            finally
            {
                if (held) descriptor!.DangerousRelease();
            }
        }
    }

    /// <summary>
    /// Receives what is available, at most what <paramref name="buffer"/> holds; 0 at the end of the stream. The caller owns the
    /// descriptor, if one was received; of several, the first is returned and the others are closed.
    /// </summary>
    /// <exception cref="IOException">The peer is gone.</exception>
    public static int Receive(Socket socket, Span<byte> buffer, out SafeSocketHandle? descriptor)
    {
        descriptor = null;
        const int room = ControlHeader + sizeof(int) * MostDescriptors;
        byte* control = stackalloc byte[room];
        fixed (byte* first = buffer)
        {
            IoVector vector = new() { Base = first, Length = (nuint)buffer.Length };
            MessageHeader message = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = room };
            nint received = ReceiveMessage(socket.SafeHandle, &message, DontWait | CloseOnExecForReceived);
            if (received < 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            if (message.ControlLength >= ControlHeader && ((int*)control)[2] == DatagramCalls.SocketLevel && ((int*)control)[3] == Rights)
            {
                long count = Math.Min(*(long*)control - ControlHeader, room - ControlHeader) / sizeof(int);
                for (int i = 0; i < count; i++)
                {
                    SafeSocketHandle one = new(((int*)control)[4 + i], ownsHandle: true);
                    if (descriptor is null) descriptor = one;
                    else one.Dispose();
                }
            }
            return (int)received;
        }
    }
}
