using System.Net;
using System.Net.Sockets;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// A listener's socket at its address, and what ends with the listener. A lent socket belongs to the service manager:
/// neither its path nor the socket is touched, and the kernel keeps queueing for its next reader.
/// </summary>
internal sealed class BoundSocket : IDisposable
{
    private readonly UnixSocketPath? _path;
    private readonly Holders _holders;
    private bool _isHandedOver;

    public BoundSocket(Socket socket, UnixSocketPath? path = null, bool isLent = false) : this(socket, path, isLent, new Holders())
    {
    }

    private BoundSocket(Socket socket, UnixSocketPath? path, bool isLent, Holders holders)
    {
        Socket = socket;
        IsLent = isLent;
        _path = path;
        _holders = holders;
    }

    public Socket Socket { get; }

    public bool IsLent { get; }

    /// <summary>The file that the path names while it is ours.</summary>
    public FileIdentity? File => _path?.Identity;

    /// <summary>The network address actually bound; null for a unix socket.</summary>
    public EndPoint? NetworkEndPoint => Socket.AddressFamily == AddressFamily.Unix ? null : Socket.LocalEndPoint;

    /// <summary>Takes the unix path, if the socket has one of its own. Call it only after everything else is bound.</summary>
    /// <exception cref="BindException">The system refuses.</exception>
    public void Claim() => _path?.Claim();

    /// <summary>Gives up the unix path if it is ours.</summary>
    public void LeavePath()
    {
        if (!_isHandedOver) _path?.Remove();
    }

    /// <summary>From now on a successor reads the socket, under the same name.</summary>
    public void HandOver() => _isHandedOver = true;

    /// <summary>
    /// The same socket for a listener that replaces this one, where its name cannot be bound twice. While both have it, both may read;
    /// the last of them closes it. Not for a socket with a path, which a new socket takes over.
    /// </summary>
    public BoundSocket Share()
    {
        Interlocked.Increment(ref _holders.Count);
        return new BoundSocket(Socket, null, IsLent, _holders);
    }

    /// <summary>Call once, when no operation on the socket is pending: closing it would end those of all that share it.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders.Count) == 0 && !IsLent) Socket.Dispose();
    }

    /// <summary>Shared by all holders of the socket within this process; changed only by interlocked operations.</summary>
    private sealed class Holders
    {
        public int Count = 1;
    }
}
