using System.Net;
using System.Net.Sockets;

namespace Concentrator.Tests.Equipment;

/// <summary>Sends UDP datagrams to one loopback port. The kernel drops silently what the receiver has no room for.</summary>
internal sealed class UdpSender : IDisposable
{
    private readonly Socket _socket;

    public UdpSender(int port, bool ipv6 = false)
    {
        IPAddress address = ipv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Connect(new IPEndPoint(address, port));
    }

    public void Send(ReadOnlySpan<byte> datagram) => _socket.Send(datagram);

    /// <summary>Sends the numbers <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1.</summary>
    public void Send(NumberedMessage message, int first, int count)
    {
        for (int number = first; number < first + count; number++) _socket.Send(message.Render(number));
    }

    public void Dispose() => _socket.Dispose();
}
