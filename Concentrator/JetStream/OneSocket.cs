using System.Net.Sockets;
using NATS.Client.Core;

namespace Concentrator.JetStream;

/// <summary>
/// Gives the client the socket that is already connected, once: name, address race, proxy and deadlines are ours, and so is every further
/// attempt. The client's own reconnect finds nothing.
/// </summary>
internal sealed class OneSocket(Socket socket) : INatsSocketConnectionFactory
{
    private int _isGiven;

    public ValueTask<INatsSocketConnection> ConnectAsync(Uri uri, NatsOpts opts, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _isGiven, 1) == 0
            ? ValueTask.FromResult<INatsSocketConnection>(new Connection(socket))
            : throw new InvalidOperationException("this session has one connection");

    private sealed class Connection(Socket socket) : INatsTlsUpgradeableSocketConnection
    {
        public Socket Socket => socket;

        public ValueTask<int> SendAsync(ReadOnlyMemory<byte> buffer) => socket.SendAsync(buffer, SocketFlags.None);

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer, SocketFlags.None);

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
