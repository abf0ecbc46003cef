using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>A socket that was bound before this process started, and the addresses that it can serve.</summary>
internal sealed class InheritedSocket
{
    private readonly FileIdentity? _file;
    private ListenAddress? _takenFor;

    /// <summary>A socket lent by the service manager.</summary>
    /// <param name="name">FileDescriptorName= of the socket unit: by default the unit's own name.</param>
    public InheritedSocket(string name, Socket socket) : this(new HandedSocket(name, IsLent: true, File: null), socket)
    {
    }

    /// <summary>A socket that a predecessor handed over, its own or one lent to it, or one that the service manager kept for us.</summary>
    public InheritedSocket(HandedSocket said, Socket socket)
    {
        Name = said.Name;
        Socket = socket;
        IsLent = said.IsLent;
        _file = said.File;
    }

    public string Name { get; }

    public Socket Socket { get; }

    /// <summary>Whether the service manager keeps holding it whatever we do; otherwise it is ours.</summary>
    public bool IsLent { get; }

    /// <summary>Whether no listener has ever taken it.</summary>
    public bool IsUnwanted => _takenFor is null;

    private AbstractName? Abstract => AbstractName.Of(Socket.LocalEndPoint);

    /// <summary>A server's own socket was bound under its temporary name.</summary>
    private string? Path => Socket.LocalEndPoint is not UnixDomainSocketEndPoint unix || Abstract is not null ? null
        : IsLent ? unix.ToString() : UnixSocketPath.FinalName(unix.ToString());

    /// <summary>
    /// Gives the socket to a listener. A lent socket serves only its first address again: a listener that a reload removes and later
    /// restores finds it, one that moves elsewhere does not. A socket that was given belongs to the listener and ends with it.
    /// </summary>
    public BoundSocket TakeFor(ListenerOptions options)
    {
        _takenFor = options.Address;
        return new BoundSocket(Socket, !IsLent && options.Address.Path is not null ? UnixSocketPath.Adopt(options, _file) : null, IsLent);
    }

    /// <summary>Whether a listener of that name and address may have it at all; the caller chooses among those that are free.</summary>
    public bool IsFreeFor(string name, ListenAddress address)
    {
        if (!IsLent) return IsUnwanted && Fits(address) && (IsAt(address) || (address.EndPoint?.Port == 0 && IsNamed(name)));
        return _takenFor is null
            || (_takenFor with { Transport = address.Transport } == address && _takenFor.IsDatagram == address.IsDatagram);
    }

    public bool IsNamed(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is of the kind that the address requires.</summary>
    public bool Fits(ListenAddress address) =>
        Socket.SocketType == (address.IsDatagram ? SocketType.Dgram : SocketType.Stream)
        && (Socket.AddressFamily == AddressFamily.Unix) == address.IsUnix
        && !IsConnection;

    /// <summary>
    /// Whether it is bound at the address. All any-addresses are equal, because systemd's <c>ListenStream=514</c> is
    /// <c>[::]:514</c> and accepts IPv4 too.
    /// </summary>
    public bool IsAt(ListenAddress address) => address.IsUnix
        ? address.Abstract is { } name ? name.IsSame(Abstract) : Path == address.Path
        : Socket.LocalEndPoint is IPEndPoint here && address.EndPoint is { } there && here.Port == there.Port
            && (here.Address.Equals(there.Address) || (ListenAddress.IsAny(here.Address) && ListenAddress.IsAny(there.Address)));

    /// <summary>Closes a socket that no listener wants and removes its path. Returns false for a lent one, which stays.</summary>
    public bool TryEnd()
    {
        if (IsLent) return false;
        string? path = Path;
        Socket.Dispose();
        if (path is null) return true;
        UnixSocketPath.RemoveIfStill(path, _file);
        new SocketHardLink(path).Remove();
        return true;
    }

    /// <summary>Why a listener that this socket is meant for cannot use it, and what to configure instead.</summary>
    public string Misfit(ListenAddress wanted)
    {
        if (IsConnection) return $"the service manager passed an accepted connection as '{Name}'; set Accept=no in its socket unit";
        string setting = wanted.IsDatagram ? "ListenDatagram" : "ListenStream";
        string right = wanted.Abstract is not { } name ? $"set {setting}={(object?)wanted.Path ?? wanted.EndPoint} in its socket unit"
            : name.IsPadded ? $"remove it from its socket unit, which cannot express {wanted.Abstract}: the server binds that name itself"
            : $"set {setting}=@{name.Text} in its socket unit";
        return $"the service manager passed {this} as '{Name}'; {right}";
    }

    /// <summary>The address in the configuration's notation.</summary>
    public override string ToString()
    {
        bool isUnix = Socket.AddressFamily == AddressFamily.Unix;
        return Socket.SocketType switch
        {
            SocketType.Dgram => isUnix ? $"unix-dgram:{(object?)Abstract ?? Path}" : $"udp://{Socket.LocalEndPoint}",
            SocketType.Stream => isUnix ? $"unix-stream:{(object?)Abstract ?? Path}" : $"tcp://{Socket.LocalEndPoint}",
            _ => $"a {Socket.SocketType} socket at {Socket.LocalEndPoint}",
        };
    }

    private bool IsConnection => Socket is { SocketType: SocketType.Stream, Connected: true };
}
