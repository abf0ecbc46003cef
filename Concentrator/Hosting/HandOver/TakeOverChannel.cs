using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Concentrator.Native;

namespace Concentrator.Hosting.HandOver;

/// <summary>
/// One end of a conversation on the control socket: short texts, each preceded by its length (two bytes, big-endian) and
/// optionally accompanied by a socket. Neither end trusts what it receives. One thread at a time; calls block, up to a
/// deadline.
/// </summary>
internal sealed class TakeOverChannel(Socket socket) : IDisposable
{
    /// <summary>Bytes of the longest text: many times the longest likely name of a listener.</summary>
    private const int Longest = 4096;

    private const int PeerCredentials = 17;

    /// <summary>The socket, which this channel owns: for a conversation that continues in another form.</summary>
    public Socket Socket => socket;

    /// <summary>Process and user of the peer, from the kernel (SO_PEERCRED).</summary>
    public (int Pid, uint User) Peer
    {
        get
        {
            // struct ucred: pid, uid, gid.
            Span<byte> credentials = stackalloc byte[12];
            socket.GetRawSocketOption(DatagramCalls.SocketLevel, PeerCredentials, credentials);
            return (MemoryMarshal.Read<int>(credentials), MemoryMarshal.Read<uint>(credentials[4..]));
        }
    }

    /// <summary>Sends a text and optionally a file descriptor, which the caller keeps.</summary>
    /// <exception cref="IOException">The peer is gone or does not read, or the text is too long.</exception>
    public void Send(string text, SafeHandle? descriptor = null)
    {
        byte[] bytes = new byte[2 + Encoding.UTF8.GetByteCount(text)];
        if (bytes.Length - 2 > Longest) throw new IOException("message too long");
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(bytes.Length - 2));
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(2));
        DescriptorPassing.Send(socket, bytes, descriptor);
    }

    /// <summary>The next text; null if the peer has closed. The caller owns a socket that came with it.</summary>
    /// <exception cref="IOException">No complete text arrived in time, or the data is not a valid text.</exception>
    public string? Receive(TimeSpan within, out SafeSocketHandle? descriptor)
    {
        long start = Stopwatch.GetTimestamp();
        Span<byte> length = stackalloc byte[2];
        if (!TryFill(length, start, within, out descriptor)) return null;
        try
        {
            byte[] text = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            if (text.Length > Longest) throw new IOException($"message of {text.Length} bytes is too long");
            if (!TryFill(text, start, within, out SafeSocketHandle? stray)) throw new IOException("connection closed in the middle of a message");
            stray?.Dispose();
            return Encoding.UTF8.GetString(text);
        }
        catch
        {
            descriptor?.Dispose();
            throw;
        }
    }

    public string? Receive(TimeSpan within)
    {
        string? text = Receive(within, out SafeSocketHandle? unexpected);
        unexpected?.Dispose();
        return text;
    }

    public void Dispose() => socket.Dispose();

    /// <summary>Fills the buffer; false if the stream ends before the first byte.</summary>
    private bool TryFill(Span<byte> buffer, long start, TimeSpan within, out SafeSocketHandle? descriptor)
    {
        descriptor = null;
        for (int filled = 0; filled < buffer.Length;)
        {
            TimeSpan left = within - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || !socket.Poll(left, SelectMode.SelectRead)) throw new IOException("no answer in time");
            int received = DescriptorPassing.Receive(socket, buffer[filled..], out SafeSocketHandle? came);
            if (came is not null)
            {
                descriptor?.Dispose();
                descriptor = came;
            }
            if (received == 0)
            {
                descriptor?.Dispose();
                return filled == 0 ? false : throw new IOException("connection closed in the middle of a message");
            }
            filled += received;
        }
        return true;
    }
}
