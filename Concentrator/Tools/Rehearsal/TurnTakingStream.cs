using System.Net.Sockets;

namespace Concentrator.Tools.Rehearsal;

/// <summary>
/// The network below a TLS layer that one thread reads and another closes: OpenSSL takes two at a time for a broken connection. Who reads
/// the layer holds the turn, and lends it to others while there is nothing to read.
/// </summary>
internal sealed class TurnTakingStream(Socket socket, Lock turn) : NetworkStream(socket, ownsSocket: false)
{
    /// <exception cref="SocketException">The connection has ended.</exception>
    public override int Read(Span<byte> buffer)
    {
        turn.Exit();
        try
        {
            return Socket.Receive(buffer);
        }
        finally
        {
            turn.Enter();
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
}
