using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A name server on a loopback address of its own, which answers every question with the one address it was given, or says
/// that there is none. Needs root, for port 53; a program is sent to it by a <c>resolv.conf</c> of its own.
/// </summary>
internal sealed class NameServer : IDisposable
{
    private const int HeaderLength = 12;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Task _serving;
    private int _questions;

    public NameServer()
    {
        EndPoint = new IPEndPoint(new IPAddress([127, 53, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(1, 255)]), 53);
        try
        {
            _socket.Bind(EndPoint);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            Peer.CannotRun($"cannot serve names at {EndPoint}: {e.Message}; run the tests as root");
        }
        _serving = ServeAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>The IPv4 address of every name; null = the answers hold none.</summary>
    public IPAddress? Answer { get; set; }

    /// <summary>Questions answered so far.</summary>
    public int Questions => Volatile.Read(ref _questions);

    public string ResolvConf => $"nameserver {EndPoint.Address}\noptions timeout:1 attempts:1\n";

    public void Dispose()
    {
        _socket.Dispose();
        _serving.Wait(Deadline.Reaction);
    }

    private async Task ServeAsync()
    {
        byte[] question = new byte[512];
        EndPoint anybody = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _socket.ReceiveFromAsync(question, anybody);
                await _socket.SendToAsync(Reply(question.AsSpan(0, received.ReceivedBytes)), received.RemoteEndPoint);
                Interlocked.Increment(ref _questions);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    /// <summary>The question again, marked as an answer without error, with no record or one (RFC 1035 section 4).</summary>
    private byte[] Reply(ReadOnlySpan<byte> question)
    {
        int end = HeaderLength;
        while (question[end] != 0) end += question[end] + 1;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(question[(end + 1)..]);
        end += 5;
        const byte addressType = 1;
        byte[] record = Answer is { } address && type == addressType
            ? [0xC0, HeaderLength, 0, addressType, 0, 1, 0, 0, 0, 1, 0, 4, .. address.GetAddressBytes()]
            : [];
        byte[] header = [question[0], question[1], 0x85, 0x80, 0, 1, 0, (byte)(record.Length > 0 ? 1 : 0), 0, 0, 0, 0];
        return [.. header, .. question[HeaderLength..end], .. record];
    }
}
