using System.Net.Sockets;

namespace Concentrator.Tests.Equipment;

/// <summary>A blocking sender to a unix datagram socket: it waits where the queue is full, so it loses nothing.</summary>
internal sealed class UnixDatagramSender : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public UnixDatagramSender(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _socket.SendTimeout = (int)Deadline.Transfer.TotalMilliseconds;
    }

    public void Send(ReadOnlySpan<byte> datagram) => _socket.Send(datagram);

    /// <summary>Sends the numbers <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1.</summary>
    public void Send(NumberedMessage message, int first, int count)
    {
        for (int number = first; number < first + count; number++) _socket.Send(message.Render(number));
    }

    public void Dispose() => _socket.Dispose();
}
