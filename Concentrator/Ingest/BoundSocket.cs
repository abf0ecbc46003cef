using System.Net;
using System.Net.Sockets;
using Concentrator.Native;

namespace Concentrator.Ingest;

/// <summary>
/// A listener's socket at its address, and what goes with it when the listener ends. A lent one belongs to the service
/// manager: neither its path nor the socket is touched, and the kernel goes on queueing for the next who reads it.
/// </summary>
internal sealed class BoundSocket(Socket socket, UnixSocketPath? path = null, bool isLent = false) : IDisposable
{
    private bool _isHandedOver;

    public Socket Socket { get; } = socket;

    public bool IsLent { get; } = isLent;

    /// <summary>What the path names while it is ours.</summary>
    public FileIdentity? File => path?.Identity;

    /// <summary>The address in fact bound, where it is a network one.</summary>
    public EndPoint? NetworkEndPoint => Socket.AddressFamily == AddressFamily.Unix ? null : Socket.LocalEndPoint;

    /// <summary>Takes the unix path, where there is one of our own; not to be called before everything else is bound.</summary>
    /// <exception cref="BindException">The system refuses.</exception>
    public void Claim() => path?.Claim();

    /// <summary>Gives the unix path up, where it is ours.</summary>
    public void LeavePath()
    {
        if (!_isHandedOver) path?.Remove();
    }

    /// <summary>A successor reads the socket from now on, under the same name.</summary>
    public void HandOver() => _isHandedOver = true;

    /// <summary>To be called when nothing waits at the socket any more: what it had begun would hit everyone who shares it.</summary>
    public void Dispose()
    {
        if (!IsLent) Socket.Dispose();
    }
}
