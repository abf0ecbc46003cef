using System.Net.Sockets;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// Who has a socket at a path: found out by connecting to it. To a datagram socket that sends nothing and wakes nobody; a stream
/// socket's holder gets a connection that ends at once.
/// </summary>
/// <param name="Path">That was asked for.</param>
/// <param name="IsAlive">Whether somebody holds the socket.</param>
/// <param name="Socket">Its number, as /proc/PID/fd shows it; null where it is a stream socket, or the kernel does not tell.</param>
/// <param name="BoundAs">The name that it was bound under; null where the system does not tell.</param>
internal sealed record PathTaker(string Path, bool IsAlive, ulong? Socket, string? BoundAs)
{
    /// <summary>Servers of ours bind beside the path and rename, and nobody else does.</summary>
    public bool IsConcentrator => BoundAs == UnixSocketPath.TemporaryName(Path);

    /// <summary>Null when the path names nothing that could be one.</summary>
    public static PathTaker? At(string path) => At(path, SocketType.Dgram);

    private static PathTaker? At(string path, SocketType type)
    {
        using Socket probe = new(AddressFamily.Unix, type, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            ulong? socket = type == SocketType.Dgram ? UnixDiagnosis.PeerOf(probe.SafeHandle) : null;
            return new PathTaker(path, true, socket, probe.RemoteEndPoint?.ToString());
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.ProtocolType when type == SocketType.Dgram => At(path, SocketType.Stream),
                SocketError.ProtocolType or SocketError.WouldBlock => new PathTaker(path, true, null, null),
                SocketError.ConnectionRefused => new PathTaker(path, false, null, null),
                _ => null,
            };
        }
        catch (ArgumentException)
        {
            // Too long for a socket's address.
            return null;
        }
    }

    /// <summary>"rsyslogd (pid 812)" where the system shows it. Looks through all processes: some milliseconds.</summary>
    public string Describe() => !IsAlive ? "a socket that nobody reads" : Socket is { } socket ? SocketReaders.Describe(socket) : SocketReaders.DescribeBoundAt(Path);
}
