using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Concentrator.Native;

namespace Concentrator.Hosting.HandOver;

/// <summary>
/// One end of a conversation at the control socket: short texts, each with its length before it (two bytes, big-endian), and
/// with a text perhaps a socket. Both ends trust nothing of what they receive. One thread at a time; calls wait, up to a
/// deadline.
/// </summary>
internal sealed class ControlChannel(Socket socket) : IDisposable
{
    /// <summary>Bytes of the longest text: the longest name of a listener that a configuration is likely to have, many times.</summary>
    private const int Longest = 4096;

    private const int PeerCredentials = 17;

    /// <summary>Who is at the other end, from the kernel (SO_PEERCRED).</summary>
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

    /// <summary>Sends a text, and with it a descriptor, which stays the caller's.</summary>
    /// <exception cref="IOException">The other side is gone or does not read, or the text is too long.</exception>
    public void Send(string text, SafeHandle? descriptor = null)
    {
        byte[] bytes = new byte[2 + Encoding.UTF8.GetByteCount(text)];
        if (bytes.Length - 2 > Longest) throw new IOException("too long");
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(bytes.Length - 2));
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(2));
        DescriptorPassing.Send(socket, bytes, descriptor);
    }

    /// <summary>The next text; null when the other side has closed. A socket that came with it is the caller's.</summary>
    /// <exception cref="IOException">Nothing whole came in time, or what came is no text of ours.</exception>
    public string? Receive(TimeSpan within, out SafeSocketHandle? descriptor)
    {
        long start = Stopwatch.GetTimestamp();
        Span<byte> length = stackalloc byte[2];
        if (!TryFill(length, start, within, out descriptor)) return null;
        try
        {
            byte[] text = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            if (text.Length > Longest) throw new IOException($"a text of {text.Length} bytes");
            if (!TryFill(text, start, within, out SafeSocketHandle? stray)) throw new IOException("closed within a text");
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

    /// <summary>False at the stream's end before the first byte.</summary>
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
                return filled == 0 ? false : throw new IOException("closed within a text");
            }
            filled += received;
        }
        return true;
    }
}
