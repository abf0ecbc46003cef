using System.Net;
using System.Net.Sockets;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Sends one datagram per message, with the LF that HAProxy adds. A full unix socket queue blocks the sender, so nothing is lost at any
/// queue length. UDP has to be paced.
/// </summary>
internal sealed class DatagramSender(SenderPlan plan, EndPoint listener, Example example) : DemoSender(plan, example)
{
    // Both address families have a single protocol for datagrams.
    private readonly Socket _socket = new(listener.AddressFamily, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = SendTimeout };

    private byte[] _buffer = new byte[2048];

    public override void Dispose() => _socket.Dispose();

    protected override void Open() => _socket.Connect(listener);

    protected override void Send(ReadOnlySpan<byte> message)
    {
        if (_buffer.Length <= message.Length) _buffer = new byte[message.Length + 1];
        message.CopyTo(_buffer);
        _buffer[message.Length] = (byte)'\n';
        _socket.Send(_buffer.AsSpan(0, message.Length + 1));
    }

    protected override void Finish()
    {
    }
}
