using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>
/// The system calls of the datagram path, with their structures in the layout of 64-bit Linux.
/// Failures return -1 with the error in <see cref="Marshal.GetLastPInvokeError"/>.
/// </summary>
internal static unsafe partial class DatagramCalls
{
    public const int DontWait = 0x40;
    public const int Peek = 0x2;
    public const int Truncated = 0x20;
    public const short PollIn = 1;

    public const int TryAgain = 11;
    public const int Fault = 14;

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr: a struct msghdr and the length of the datagram received into it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding;
        public uint Received;
        private readonly int _trailingPadding;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int FileDescriptor;
        public short Events;
        public short Happened;
    }

    /// <summary>Receives up to <paramref name="count"/> datagrams in one call.</summary>
    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(SafeHandle socket, MessageHeader* headers, uint count, int flags, nint timeout);

    /// <summary>Sends one datagram with its destination.</summary>
    public static nint Send(SafeHandle socket, ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> destination, int flags)
    {
        fixed (byte* bytes = datagram, name = destination)
        {
            IoVector vector = new() { Base = bytes, Length = (nuint)datagram.Length };
            MessageHeader header = new() { Name = name, NameLength = (uint)destination.Length, Vectors = &vector, VectorCount = 1 };
            return Send(socket, &header, flags);
        }
    }

    // A struct mmsghdr begins with the struct msghdr that this call expects.
    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, MessageHeader* header, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    /// <summary>SOL_SOCKET.</summary>
    public const int SocketLevel = 1;

    /// <summary>SO_RXQ_OVFL: the kernel's count of dropped datagrams comes with each datagram.</summary>
    public const int ReceiveQueueOverflow = 40;

    /// <summary>SO_PEEK_OFF: a peek continues where the last one ended, until what was peeked at is received.</summary>
    public const int PeekOffset = 42;
}
