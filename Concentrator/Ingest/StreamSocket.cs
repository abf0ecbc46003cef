using System.Net.Sockets;
using Concentrator.Configuration;

namespace Concentrator.Ingest;

/// <summary>Makes the listening socket of a stream listener; everything after that is the same for unix, TCP and TLS.</summary>
internal static class StreamSocket
{
    /// <summary>Connections that may wait to be accepted: HAProxy 3.1 and later reconnects in storms (HAPROXY.md section 6).</summary>
    public const int Backlog = 1024;

    /// <summary>Bound, not yet listening.</summary>
    /// <exception cref="BindException">The path or address cannot be had.</exception>
    public static (Socket Socket, UnixSocketPath? Path) Bind(ListenerOptions options)
    {
        if (options.Address.IsUnix)
        {
            Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                return (unix, UnixSocketPath.Bind(unix, options));
            }
            catch
            {
                unix.Dispose();
                throw;
            }
        }

        Socket socket = new(options.Address.EndPoint!.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (options.Address.IsAnyIPv6) socket.DualMode = true;

            // Accepted sockets inherit these: a peer that vanished is noticed within two minutes, without an idle timeout.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
            socket.Bind(options.Address.EndPoint);
            return (socket, null);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new BindException(options.Name, options.Address.ToString(), e.Message);
        }
    }
}
