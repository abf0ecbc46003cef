using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;

namespace Concentrator.Ingest.Streams;

/// <summary>Creates the listening socket of a stream listener. Everything after that is the same for unix, TCP and TLS.</summary>
internal static class StreamSocket
{
    /// <summary>Connections that may wait to be accepted: HAProxy 3.1 and later reconnects in storms.</summary>
    private const int Backlog = 1024;

    /// <summary>Takes the inherited socket, or shares that of the previous listener, or binds a new one; then listens.</summary>
    /// <param name="before">The socket that holds the abstract name; null if none does.</param>
    /// <exception cref="BindException">The path or address is not available.</exception>
    public static BoundSocket Bind(ListenerOptions options, IngestContext context, BoundSocket? before)
    {
        BoundSocket? bound = context.Inherited.Take(options, context.Log) ?? before?.Share();
        try
        {
            bound ??= BindNew(options);
            if (!options.Address.IsUnix) KeepAlive(bound.Socket);

            // A socket that already listens changes to our backlog and keeps the connections that wait in it.
            bound.Socket.Listen(Backlog);
            return bound;
        }
        catch (SocketException e)
        {
            bound?.LeavePath();
            bound?.Dispose();
            throw new BindException(options.Name, options.Address.ToString(), e.Message);
        }
    }

    private static BoundSocket BindNew(ListenerOptions options)
    {
        Socket socket = options.Address.EndPoint is { } network
            ? new Socket(network.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (options.Address.Path is not null) return new BoundSocket(socket, UnixSocketPath.Bind(socket, options));
            if (options.Address.IsAnyIPv6) socket.DualMode = true;
            if (options.Address.EndPoint is { } endPoint) socket.Bind(endPoint);
            else AbstractSocket.Bind(socket, options);
            return new BoundSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Accepted sockets inherit these options: a vanished peer is detected within two minutes, without an idle timeout.</summary>
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
    }
}
