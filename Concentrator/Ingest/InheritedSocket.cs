using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration;
using Concentrator.Native;

namespace Concentrator.Ingest;

/// <summary>One socket that was bound before this process began, and what it can serve.</summary>
internal sealed class InheritedSocket
{
    private readonly FileIdentity? _file;
    private readonly bool _isLent;
    private ListenAddress? _takenFor;

    /// <summary>One that the service manager lends.</summary>
    /// <param name="name">FileDescriptorName= of the socket unit: by default the unit's own name.</param>
    public InheritedSocket(string name, Socket socket) : this(new HandedSocket(name, IsLent: true, File: null), socket)
    {
    }

    /// <summary>One that a predecessor has handed over; its own, or one lent to it.</summary>
    public InheritedSocket(HandedSocket said, Socket socket)
    {
        Name = said.Name;
        Socket = socket;
        _isLent = said.IsLent;
        _file = said.File;
    }

    public string Name { get; }

    public Socket Socket { get; }

    /// <summary>Whether no listener has ever had it.</summary>
    public bool IsUnwanted => _takenFor is null;

    /// <summary>A server's own socket was bound under its temporary name.</summary>
    private string? Path => Socket.LocalEndPoint is not UnixDomainSocketEndPoint unix ? null
        : _isLent ? unix.ToString() : UnixSocketPath.FinalName(unix.ToString());

    /// <summary>
    /// Gives it to a listener. A lent one serves the same address again and no other: so a listener that leaves in a reload and
    /// comes back finds it, and one that moves elsewhere does not. One that was given belongs to the listener and ends with it.
    /// </summary>
    public BoundSocket TakeFor(ListenerOptions options)
    {
        _takenFor = options.Address;
        return new BoundSocket(Socket, !_isLent && options.Address.IsUnix ? UnixSocketPath.Adopt(options, _file) : null, _isLent);
    }

    /// <summary>Whether a listener of that name and address may have it at all; the rest is a matter of preference.</summary>
    public bool IsFreeFor(string name, ListenAddress address)
    {
        if (!_isLent) return IsUnwanted && Fits(address) && (IsAt(address) || (address.EndPoint?.Port == 0 && IsNamed(name)));
        return _takenFor is null
            || (_takenFor.IsDatagram == address.IsDatagram && _takenFor.Path == address.Path && Equals(_takenFor.EndPoint, address.EndPoint));
    }

    public bool IsNamed(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is of the kind that the address asks for.</summary>
    public bool Fits(ListenAddress address) =>
        Socket.SocketType == (address.IsDatagram ? SocketType.Dgram : SocketType.Stream)
        && (Socket.AddressFamily == AddressFamily.Unix) == address.IsUnix
        && !IsConnection;

    /// <summary>
    /// Whether it is bound where the address says; any address of the host is any, for systemd's <c>ListenStream=514</c> is
    /// <c>[::]:514</c> and takes IPv4 too.
    /// </summary>
    public bool IsAt(ListenAddress address) => address.IsUnix
        ? Path == address.Path
        : Socket.LocalEndPoint is IPEndPoint here && address.EndPoint is { } there && here.Port == there.Port
            && (here.Address.Equals(there.Address) || (IsAny(here.Address) && IsAny(there.Address)));

    /// <summary>No listener wants it: one that was given is closed, and its path removed. False for a lent one, which stays.</summary>
    public bool TryEnd()
    {
        if (_isLent) return false;
        string? path = Path;
        Socket.Dispose();
        if (path is not null) UnixSocketPath.RemoveIfStill(path, _file);
        return true;
    }

    /// <summary>Why a listener that this socket is meant for cannot use it, and what would be right.</summary>
    public string Misfit(ListenAddress wanted)
    {
        if (IsConnection) return $"the service manager passed a single connection as '{Name}'; write Accept=no in its socket unit";
        string setting = wanted.IsDatagram ? "ListenDatagram" : "ListenStream";
        return $"the service manager passed {this} as '{Name}'; write {setting}={(object?)wanted.Path ?? wanted.EndPoint} in its socket unit";
    }

    /// <summary>The address as a configuration would write it.</summary>
    public override string ToString()
    {
        bool isUnix = Socket.AddressFamily == AddressFamily.Unix;
        return Socket.SocketType switch
        {
            SocketType.Dgram => isUnix ? $"unix-dgram:{Path}" : $"udp://{Socket.LocalEndPoint}",
            SocketType.Stream => isUnix ? $"unix-stream:{Path}" : $"tcp://{Socket.LocalEndPoint}",
            _ => $"a {Socket.SocketType} socket at {Socket.LocalEndPoint}",
        };
    }

    private bool IsConnection => Socket is { SocketType: SocketType.Stream, Connected: true };

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
