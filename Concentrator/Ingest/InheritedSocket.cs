using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration;

namespace Concentrator.Ingest;

/// <summary>One socket that was bound before this process began, and what it can serve.</summary>
internal sealed class InheritedSocket
{
    private ListenAddress? _takenFor;

    /// <param name="name">FileDescriptorName= of the socket unit: by default the unit's own name.</param>
    public InheritedSocket(string name, Socket socket)
    {
        Name = name;
        Socket = socket;
    }

    public string Name { get; }

    public Socket Socket { get; }

    /// <summary>Whether no listener has ever had it.</summary>
    public bool IsUnwanted => _takenFor is null;

    private string? Path => Socket.LocalEndPoint is UnixDomainSocketEndPoint unix ? unix.ToString() : null;

    /// <summary>
    /// Notes for which address it is used: from then on it serves that address alone. So a listener that leaves in a reload and
    /// comes back finds it again, and one that moves elsewhere does not.
    /// </summary>
    public void TakeFor(ListenAddress address) => _takenFor = address;

    public bool IsFreeFor(ListenAddress address) =>
        _takenFor is null || (_takenFor.IsDatagram == address.IsDatagram && _takenFor.Path == address.Path && Equals(_takenFor.EndPoint, address.EndPoint));

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
