using System.Net;

namespace Concentrator.Configuration.Options;

/// <summary>
/// Where a listener listens: <c>unix-dgram:PATH</c>, <c>unix-stream:PATH</c>, <c>udp://IP:PORT</c>, <c>tcp://IP:PORT</c>
/// or <c>tls://IP:PORT</c>; <c>abns@NAME</c> or <c>abnsz@NAME</c> may replace PATH. Or where it fetches from: <c>nats://HOST:PORT</c>, several
/// with commas between them. Exactly one of <see cref="Path"/>, <see cref="Abstract"/>, <see cref="EndPoint"/> and <see cref="Servers"/> is set.
/// </summary>
internal sealed record ListenAddress(Transport Transport, string? Path, IPEndPoint? EndPoint)
{
    /// <summary>The name of a unix socket that is not a file.</summary>
    public AbstractName? Abstract { get; init; }

    /// <summary>The servers of a NATS cluster.</summary>
    public RelayEndpoints? Servers { get; init; }

    /// <summary>The path or abstract name of a unix socket.</summary>
    public string UnixName => Path ?? Abstract?.ToString() ?? "";

    /// <summary>Whether both are the same abstract socket, which only one process at a time can bind.</summary>
    public bool IsSameAbstract(ListenAddress other) => Abstract is not null && Transport == other.Transport && Abstract.IsSame(other.Abstract);

    /// <summary>Whether connections are accepted at a socket.</summary>
    public bool IsStream => Transport is Transport.UnixStream or Transport.Tcp or Transport.Tls;

    public bool IsDatagram => Transport is Transport.UnixDatagram or Transport.Udp;

    /// <summary><c>[::]</c>: every address of the host, IPv4 included.</summary>
    public bool IsAnyIPv6 => EndPoint?.Address.Equals(IPAddress.IPv6Any) == true;

    /// <summary>Whether the address means every address of the host.</summary>
    public static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    public bool IsUnix => Transport is Transport.UnixDatagram or Transport.UnixStream;

    /// <summary>The address as the configuration file writes it.</summary>
    public override string ToString() => Transport switch
    {
        Transport.UnixDatagram => $"unix-dgram:{UnixName}",
        Transport.UnixStream => $"unix-stream:{UnixName}",
        Transport.Udp => $"udp://{EndPoint}",
        Transport.Tcp => $"tcp://{EndPoint}",
        Transport.Nats => $"nats://{string.Join(',', Servers?.List ?? [])}",
        _ => $"tls://{EndPoint}",
    };
}
