using System.Net;

namespace Concentrator.Configuration.Options;

/// <summary>Where the status pages are served, and to whom (configuration key <c>Monitoring</c>).</summary>
internal sealed record MonitoringOptions
{
    public static readonly MonitoringOptions Default = new();

    public MonitoringAddress Address { get; init; } = new(new IPEndPoint(IPAddress.Loopback, 9514), null);

    /// <summary>What a client must show, as a bearer token or as the password of HTTP's basic authentication; null = nothing.</summary>
    public Secret? Token { get; init; }

    /// <summary>HTTPS in place of HTTP; null = HTTP.</summary>
    public ListenerTlsOptions? Tls { get; init; }

    /// <summary>Names of this server, besides its addresses and the machine's own name, that requests may be addressed to.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Whether whoever reaches the address is meant to see the pages.</summary>
    public bool Public { get; init; }

    /// <summary>The mode of the socket file; for a unix address only.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Whether anybody on another machine could read the pages, which nothing says is meant.</summary>
    public bool IsOpenUnasked => Address.EndPoint is { } at && !IPAddress.IsLoopback(at.Address) && Token is null && Tls is null && !Public;

    /// <summary>Compares by content, the list included: a reload compares the old and the new.</summary>
    public bool Equals(MonitoringOptions? other) =>
        other is not null && Address == other.Address && Token == other.Token && Tls == other.Tls && Hosts.SequenceEqual(other.Hosts)
        && Public == other.Public && Mode == other.Mode;

    public override int GetHashCode() => HashCode.Combine(Address, Token, Tls, Hosts.Count, Public, Mode);
}

/// <summary>Where status pages are served: <c>IP:PORT</c> or <c>unix:PATH</c>. Exactly one of the two is set.</summary>
/// <param name="EndPoint">Port 0 = any free one.</param>
/// <param name="Path">Of a unix stream socket.</param>
internal sealed record MonitoringAddress(IPEndPoint? EndPoint, string? Path)
{
    public const string UnixPrefix = "unix:";

    /// <summary>The address as the configuration file writes it.</summary>
    public override string ToString() => Path is null ? $"{EndPoint}" : $"{UnixPrefix}{Path}";
}
