using System.Net.Sockets;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// The holder of the socket at a path, found by connecting to it. A connect to a datagram socket sends nothing and wakes no process; the
/// holder of a stream socket gets a connection that ends at once.
/// </summary>
/// <param name="Path">The path that was probed.</param>
/// <param name="IsAlive">Whether a process holds the socket.</param>
/// <param name="Socket">Its inode, as in /proc/PID/fd; null for a stream socket, or if the kernel does not report it.</param>
/// <param name="BoundAs">The name that it was bound under; null if the system does not report it.</param>
internal sealed record PathOwner(string Path, bool IsAlive, ulong? Socket, string? BoundAs)
{
    /// <summary>Only this server binds beside the path and renames.</summary>
    public bool IsConcentrator => BoundAs == UnixSocketPath.TemporaryName(Path);

    /// <summary>Null if nothing at the path can be a holder.</summary>
    public static PathOwner? At(string path) => At(path, SocketType.Dgram);

    private static PathOwner? At(string path, SocketType type)
    {
        using Socket probe = new(AddressFamily.Unix, type, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            ulong? socket = type == SocketType.Dgram ? UnixSocketDiagnostics.PeerOf(probe.SafeHandle) : null;
            return new PathOwner(path, true, socket, probe.RemoteEndPoint?.ToString());
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.ProtocolType when type == SocketType.Dgram => At(path, SocketType.Stream),
                SocketError.ProtocolType or SocketError.WouldBlock => new PathOwner(path, true, null, null),
                SocketError.ConnectionRefused => new PathOwner(path, false, null, null),
                _ => null,
            };
        }
        catch (ArgumentException)
        {
            // The path is too long for a socket address.
            return null;
        }
    }

    /// <summary>"rsyslogd (pid 812)" where the system shows it. Scans all processes: some milliseconds.</summary>
    public string Describe() => !IsAlive ? "a socket without a reader" : Socket is { } socket ? SocketReaders.Describe(socket) : SocketReaders.DescribeBoundAt(Path);
}
