using System.Net;
using System.Net.Sockets;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// A listener's socket at its address, and what goes with it when the listener ends. A lent one belongs to the service
/// manager: neither its path nor the socket is touched, and the kernel goes on queueing for the next who reads it.
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

    /// <summary>What the path names while it is ours.</summary>
    public FileIdentity? File => _path?.Identity;

    /// <summary>The address in fact bound, where it is a network one.</summary>
    public EndPoint? NetworkEndPoint => Socket.AddressFamily == AddressFamily.Unix ? null : Socket.LocalEndPoint;

    /// <summary>Takes the unix path, where there is one of our own; not to be called before everything else is bound.</summary>
    /// <exception cref="BindException">The system refuses.</exception>
    public void Claim() => _path?.Claim();

    /// <summary>Gives the unix path up, where it is ours.</summary>
    public void LeavePath()
    {
        if (!_isHandedOver) _path?.Remove();
    }

    /// <summary>A successor reads the socket from now on, under the same name.</summary>
    public void HandOver() => _isHandedOver = true;

    /// <summary>
    /// The same socket for a listener that comes in this one's place, where its name cannot be bound twice: while both have it, both may read.
    /// The last of them closes it. Not for a socket with a path, which a new one takes over.
    /// </summary>
    public BoundSocket Share()
    {
        Interlocked.Increment(ref _holders.Count);
        return new BoundSocket(Socket, null, IsLent, _holders);
    }

    /// <summary>Once, when nothing waits at the socket any more: what it had begun would hit everyone who shares it.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders.Count) == 0 && !IsLent) Socket.Dispose();
    }

    /// <summary>Shared by all that have the socket within this process; changed by interlocked operations alone.</summary>
    private sealed class Holders
    {
        public int Count = 1;
    }
}
